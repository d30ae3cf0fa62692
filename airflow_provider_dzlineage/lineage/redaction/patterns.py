"""The table of what secrets look like in a text. No expression takes more than linear time.

Sources: the forms of AWS access keys and of presigned URLs in the AWS documentation; the COPY, UNLOAD and CREATE USER
commands of Amazon Redshift, and those of Oracle and MySQL; RFC 3986 for passwords in addresses; RFC 6750 for bearer
tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from airflow_provider_dzlineage.lineage.redaction.literals import GAPS, LITERAL, LITERALS, PLACEHOLDER, redact_match
from airflow_provider_dzlineage.lineage.redaction.names import (
    CAPITAL_NAMES,
    KEY_NAMES,
    LIKELY_NAMES,
    NAME_WORDS,
    SURE_NAMES,
    may_name_a_key,
)


@dataclass(frozen=True)
class SecretPattern:
    """One form of secrets; ``tests/unit/lineage/redaction`` has examples and counter-examples of each.

    :param name: what it finds.
    :param expression: its groups are redacted; see :func:`.literals.redact_match`.
    :param words: without one of these, in lower case, the expression cannot match.
    """

    name: str
    expression: re.Pattern[str]
    words: tuple[str, ...]


def _pattern(name: str, expression: str, *words: str, flags: str = "ais") -> SecretPattern:
    return SecretPattern(name, re.compile(f"(?{flags}){expression}"), words)


# Addresses. A password reaches up to the last @ before the first slash; or up to the first @, and further as long as no
# slash comes; another address ends it. JSON may escape the slashes.
_SLASHES = r":(?:\\?/){2}"
_UP_TO_AT = r"(?P<password>[^\s/'\"]+|(?:(?!:\\?/)[^\s'\"@])+(?:@[^\s/'\"@]*)*)"
_DATABASES = (
    r"(?:postgres(?:ql)?|mysql|mariadb|redshift|snowflake|mongodb|oracle|mssql|sqlserver|db2|cockroachdb|clickhouse"
    r"|trino|presto|hive2?|teradata|vertica|amqps?|rediss?)(?:\+\w{1,30})?"
)
# A port and not a password: before more brokers, a path, a query, or a page.
_PORT = r"\d{1,5}(?:[,?/]|#/)"
# Of a database, what looks like a port is most often a password when an @ follows, but not these.
_USUAL_PORT = (
    r"(?:5432|5433|5439|6432|3306|3307|1433|1521|27017|6379|5671|5672|8080|8123|8443|443|9000|10000|50000)[,?/]"
)
_PORT_BEFORE_QUERY = r"\d{1,5}(?:/[^\s/?@'\"]{0,200})?\?[\w.-]{1,100}="
_HOST = r"(?:localhost|(?:[a-z0-9-]{1,63}\.){2,10}[a-z0-9-]{1,63})"

# Accounts in SQL. Elsewhere, things are identified by many a word.
_ACCOUNT = (
    r"(?:\b(?:(?:user|role)\s{1,5}(?:if\s{1,5}(?:not\s{1,5})?exists\s{1,5})?|connect\s{1,5}to\s{1,5})"
    r"[^\s,;]{1,200}\s{1,5}|\b(?:grant|(?:create|alter)\s{1,5}user)\b(?:(?!\b(?:grant|create|alter)\b)[^;]){1,400}?\b)"
)
_WORD = r"[^\s'\";,\\]+"
_OLD_PASSWORD = rf"(?:\s{{1,5}}replace\s{{1,5}}(?:(?P<texts_old>{LITERAL})|(?P<old>{_WORD})))?"
_NO_PASSWORD = rf"(?:password|values|random|{PLACEHOLDER})(?:[\s;]|\Z)"

# Assignments. After the name, if it is quoted or in brackets:
_UNQUOTED = r"[\"'`\]\\]{0,5}"
_EQUALS = rf"{_UNQUOTED}\s{{0,5}}(?:={{1,3}}|:=|=>)(?![=>])\s{{0,5}}"
_COMPARES = rf"{_UNQUOTED}\s{{0,5}}(?:={{1,3}}|:=|=>|!=|<>|\b(?:not\s{{1,5}})?i?like\b)(?![=>])\s{{0,5}}"
_COLON = rf"{_UNQUOTED}\s{{0,5}}:\s{{0,5}}"
# Where a text ends with the name, and another one is put to it.
_CLOSING = r"\\{0,7}['\"]{1,4}\s{0,5}"
_CLOSED = rf"{_CLOSING}(?:\|\||[,+]\s{{0,5}}['\"])"
# What SQL sets or compares a column with: nothing, what is put in later, a query, another column. Without spaces, as in
# the properties of a connection, a password may look like a column.
_END = r"(?=[\s,;)\]}&'\"<>|\\]|::|\Z)"
_NOTHING = rf"(?:(?:null|none|true|false|default|{PLACEHOLDER}){_END}|case\s)"
_TABLES = r"(?:[\"`\[]?[a-z_]\w{0,100}[\"`\]]?\.){1,3}[\"`\[]?"
_COLUMN = rf"{_TABLES}[a-z_]\w{{0,100}}[\"`\]]?(?![\w./+=-])"
_OTHER_COLUMN = rf"(?={_COLUMN})(?:(?<=\s)|{_TABLES}\w{{0,60}}?{LIKELY_NAMES}(?:_\w{{1,60}})?(?!\w))"
_NO_SECRET = rf"(?:{_NOTHING}|\(\s{{0,20}}(?:select|with)\b|{_OTHER_COLUMN})"


def _arguments(depth: int) -> str:
    text = r"'[^']{0,400}'"
    inner = rf"(?:{text}|\({_arguments(depth - 1)}\))" if depth else text
    return rf"[^()']{{0,400}}(?:{inner}[^()']{{0,400}}){{0,20}}"


# Of what a function makes something, only the texts are secrets.
_CALL = rf"(?P<sql>[a-z_][\w.]{{0,100}}\({_arguments(2)}\)){_END}"
_NUMBER = r"-?\d[\d.e+-]*"
_ELEMENTS = rf"{LITERAL}(?:\s{{0,20}},\s{{0,20}}(?:{LITERAL}|{_NUMBER}))*"
_BARE = r"[^\s,;&'\"<>\\]+(?:\\+[^\s,;&'\"<>\\]+)*"
_BARE_OR_CALL = rf"(?!{_NO_SECRET}|{LITERAL})(?:{_CALL}|\{{(?P<braced>[^{{}}]+)\}}|(?P<secret>{_BARE}))"
# Objects of a name and a value, in JSON that was cut off or is in a text.
_NAME = r"[\"'](?i:name|key)\\{0,7}[\"']\s{0,5}:\s{0,5}\\{0,7}[\"'][\w.-]{0,100}?" + LIKELY_NAMES + r"\\{0,7}[\"']"
_VALUE = r"[\"'](?i:value)\\{0,7}[\"']\s{0,5}:\s{0,5}"

# An unquoted bearer token: eight letters may be a word.
_BEARER = r"[a-z0-9._~+/-]{20,}={0,2}|(?=[a-z]{0,19}[0-9._~+/-])[a-z0-9._~+/-]{8,}={0,2}"

# In this order, since an expression may redact what another one would take for something else.
PATTERNS = (
    _pattern(
        "database address",
        rf"\b{_DATABASES}{_SLASHES}(?!\[|{_HOST}:{_PORT})[^\s/:'\"]*:(?!{_USUAL_PORT}|{_PORT_BEFORE_QUERY}){_UP_TO_AT}@",
        "@",
    ),
    # A user's name may hold an @, as an address of mail or with Azure's databases. A repository's address may, too.
    _pattern(
        "address",
        rf"\b[a-z][a-z0-9+.-]{{1,30}}{_SLASHES}(?!\[)(?:[^\s/:@'\"]*:(?!{_PORT}){_UP_TO_AT}"
        rf"|[^\s/:'\"]*:(?!{_PORT})(?P<of_mail>[^\s/'\"]+))@",
        "@",
    ),
    _pattern("Oracle address", r"\bjdbc:oracle:[a-z]{1,10}:[^\s/@'\"]{1,100}/(?P<password>[^\s/@'\"]{1,1000})@", "@"),
    _pattern(
        "AWS access key id",
        r"(?<![A-Za-z0-9])(?P<id>(?:AKIA|ASIA)[A-Z0-9]{16})(?![A-Za-z0-9])",
        *("akia", "asia"),
        flags="as",
    ),
    _pattern(
        "Git token",
        r"(?<![A-Za-z0-9])(?P<token>(?:ghp_|github_pat_|glpat-)[A-Za-z0-9_-]{16,})",
        *("ghp_", "github_pat_", "glpat-"),
        flags="as",
    ),
    _pattern(
        "private key", r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?P<key>.*?)(?:-----END|\Z)", "-----begin", flags="as"
    ),
    *(
        _pattern(name, expression, *NAME_WORDS, flags="as")
        for name, expression in {
            "quoted value": rf"{LIKELY_NAMES}(?i:"
            rf"{_COMPARES}(?!{_NO_SECRET}|{_CLOSED})(?P<texts>{LITERALS})"
            r"|\s{0,5}(?:not\s{1,5})?\bin\s{0,5}\((?P<texts_in>[^()]+)\)"
            rf"|\s{{0,5}}={_CLOSING}(?:\|\||[,+])\s{{0,5}}(?P<texts_joined>{LITERALS})"
            rf"|{_COLON}(?:(?!{_CLOSED})(?P<texts_of_member>{LITERALS})|\[\s{{0,20}}(?P<texts_listed>{_ELEMENTS}))"
            rf"|[\"'\\]{{1,5}}\s{{0,5}}:\s{{0,5}}(?P<number>{_NUMBER}))",
            "bare value": rf"{SURE_NAMES}{_EQUALS}(?i:{_BARE_OR_CALL})",
            "environment variable": rf"{CAPITAL_NAMES}=(?i:{_BARE_OR_CALL})",
            "key after a colon": rf"{KEY_NAMES}{_COLON}(?P<secret>[A-Za-z0-9/+=_.-]{{16,}})",
            # As in the CREATE USER and COPY commands.
            "SQL option": rf"{SURE_NAMES}{GAPS}(?i:(?P<texts>{LITERALS}))",
            "SQL option with AS": rf"{KEY_NAMES}{GAPS}(?i:as{GAPS}(?P<texts>{LITERALS}))",
            "name before value": rf"{_NAME}[^{{}}\[\]]{{0,100}}?{_VALUE}"
            rf"(?i:(?P<texts>{LITERAL})|(?P<number>{_NUMBER}))",
            # The value has to be one that does not grow until a name follows.
            "value before name": rf"{_VALUE}(?i:(?=(?P<texts>{LITERAL})|(?P<number>{_NUMBER})))"
            rf"(?:(?P=texts)|(?P=number))\s{{0,5}},\s{{0,5}}\\{{0,7}}{_NAME}",
        }.items()
    ),
    _pattern("MySQL PASSWORD()", r"\bpassword\s?\((?P<sql>[^()]+)\)", "pass"),
    _pattern(
        "command line option",
        r"(?<![^\s'\"\[])--(?:[a-z0-9]{1,20}-){0,3}(?:password|passwd|token|secret|api-key)(?:['\"\\]{1,4},)?\s{1,5}"
        rf"(?!{PLACEHOLDER})(?:(?P<texts>{LITERALS})|(?P<secret>[^\s'\"\\-][^\s'\"]*))",
        *NAME_WORDS,
    ),
    _pattern(
        "query of a URL",
        r"[?&](?:token|sig|signature|secret)=(?P<secret>[^&\s'\"]+)",
        *("token", "sig=", "signature=", "secret"),
    ),
    _pattern("bearer token", rf"\bbearer[\s:'\"]{{1,5}}(?P<token>{_BEARER})", "bearer"),
    _pattern(
        "authorization header",
        r"\bauthorization['\"\\]{0,4}\s{0,5}[:=]\s{0,5}['\"\\]{0,4}(?:basic|token|bearer)\s{1,5}"
        r"(?P<secret>[a-z0-9+/_.~-]+={0,2})",
        "authorization",
    ),
    _pattern("SQL credentials", rf"\bcredentials{GAPS}(?:as{GAPS})?(?P<texts>{LITERALS})", "credential"),
    _pattern(
        "quoted IDENTIFIED BY",
        rf"\bidentified{GAPS}(?:with{GAPS}\S{{1,100}}{GAPS}(?:by|as)|by){GAPS}"
        rf"(?:(?:password|values){GAPS})?(?P<texts>{LITERAL}){_OLD_PASSWORD}",
        "identified",
    ),
    _pattern(
        "bare IDENTIFIED BY",
        rf"{_ACCOUNT}identified{GAPS}by{GAPS}(?!{_NO_PASSWORD})(?P<password>{_WORD}){_OLD_PASSWORD}",
        "identified",
    ),
)
# Each once, as each costs every event. A key has a check of its own.
_WORDS = tuple(dict.fromkeys(word for pattern in PATTERNS for word in pattern.words if word != "key"))


def may_hold_a_secret(lower: str) -> bool:
    """Return, much cheaper than by looking for one, whether a text in lower case can hold a secret."""
    return any(word in lower for word in _WORDS) or may_name_a_key(lower)


def redact_text(text: str) -> str:
    """Return a text with the secrets in it redacted."""
    lower = text.lower()
    if may_hold_a_secret(lower):
        for pattern in PATTERNS:
            if any(word in lower for word in pattern.words):
                text = pattern.expression.sub(redact_match, text)
    return text
