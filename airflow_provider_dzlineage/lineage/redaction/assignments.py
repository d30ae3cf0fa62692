"""Secrets that stand after their names, as in SQL, JSON, options and properties; and what else SQL writes there."""

from __future__ import annotations

from airflow_provider_dzlineage.lineage.redaction.literals import GAPS, LITERAL, LITERALS, PLACEHOLDER
from airflow_provider_dzlineage.lineage.redaction.names import (
    CAPITAL_NAMES,
    KEY_NAMES,
    LIKELY_NAMES,
    SURE_NAMES,
)

# After the name, if it is quoted or in brackets.
_UNQUOTED = r"[\"'`\]\\]{0,5}"
_EQUALS = rf"{_UNQUOTED}\s{{0,5}}(?:={{1,3}}|:=|=>)(?![=>])\s{{0,5}}"
_COMPARES = rf"{_UNQUOTED}\s{{0,5}}(?:={{1,3}}|:=|=>|!=|<>|\b(?:not\s{{1,5}})?i?like\b)(?![=>])\s{{0,5}}"
_COLON = rf"{_UNQUOTED}\s{{0,5}}:\s{{0,5}}"
# Where a text ends with the name, and another one is put to it.
_CLOSING = r"\\{0,7}['\"]{1,4}\s{0,5}"
_CLOSED = rf"{_CLOSING}(?:\|\||[,+]\s{{0,5}}['\"])"
_BARE = r"[^\s,;&'\"<>\\]+(?:\\+[^\s,;&'\"<>\\]+)*"

_END = r"(?=[\s,;)\]}&'\"<>|\\]|::|\Z)"
_NOTHING = rf"(?:(?:null|none|true|false|default|{PLACEHOLDER}){_END}|case\s)"
_TABLES = r"(?:[\"`\[]?[a-z_]\w{0,100}[\"`\]]?\.){1,3}[\"`\[]?"
_COLUMN = rf"{_TABLES}[a-z_]\w{{0,100}}[\"`\]]?(?![\w./+=-])"
# Without spaces, as in the properties of a connection, a password may look like a column.
_OTHER_COLUMN = rf"(?={_COLUMN})(?:(?<=\s)|{_TABLES}\w{{0,60}}?{LIKELY_NAMES}(?:_\w{{1,60}})?(?!\w))"
# What SQL sets or compares a column with: nothing, what is put in later, a query, another column.
_NO_SECRET = rf"(?:{_NOTHING}|\(\s{{0,20}}(?:select|with)\b|{_OTHER_COLUMN})"


def _arguments(depth: int) -> str:
    text = r"'[^']{0,400}'"
    inner = rf"(?:{text}|\({_arguments(depth - 1)}\))" if depth else text
    return rf"[^()']{{0,400}}(?:{inner}[^()']{{0,400}}){{0,20}}"


# Of what a function makes something, only the texts are secrets.
_CALL = rf"(?P<sql>[a-z_][\w.]{{0,100}}\({_arguments(2)}\)){_END}"
_NUMBER = r"-?\d[\d.e+-]*"
_ELEMENTS = rf"{LITERAL}(?:\s{{0,20}},\s{{0,20}}(?:{LITERAL}|{_NUMBER}))*"

_QUOTED_ANYHOW = (
    rf"{_COMPARES}(?!{_NO_SECRET}|{_CLOSED})(?P<texts>{LITERALS})"
    r"|\s{0,5}(?:not\s{1,5})?\bin\s{0,5}\((?P<texts_in>[^()]+)\)"
    rf"|\s{{0,5}}={_CLOSING}(?:\|\||[,+])\s{{0,5}}(?P<texts_joined>{LITERALS})"
    rf"|{_COLON}(?:(?!{_CLOSED})(?P<texts_told>{LITERALS})|\[\s{{0,20}}(?P<texts_listed>{_ELEMENTS}))"
    rf"|[\"'\\]{{1,5}}\s{{0,5}}:\s{{0,5}}(?P<number>{_NUMBER})"
)
_BARE_OR_CALL = rf"(?!{_NO_SECRET}|{LITERAL})(?:{_CALL}|\{{(?P<braced>[^{{}}]+)\}}|(?P<secret>{_BARE}))"

# Objects of a name and a value, in JSON that was cut off or is in a text.
_NAME = r"[\"'](?i:name|key)\\{0,7}[\"']\s{0,5}:\s{0,5}\\{0,7}[\"'][\w.-]{0,100}?" + LIKELY_NAMES + r"\\{0,7}[\"']"
_VALUE = r"[\"'](?i:value)\\{0,7}[\"']\s{0,5}:\s{0,5}"
_NAME_FIRST = rf"{_NAME}[^{{}}\[\]]{{0,100}}?{_VALUE}(?i:(?P<texts>{LITERAL})|(?P<number>{_NUMBER}))"
# Here the value has to be one that does not grow until a name follows.
_VALUE_FIRST = (
    rf"{_VALUE}(?i:(?=(?P<texts>{LITERAL})|(?P<number>{_NUMBER})))(?:(?P=texts)|(?P=number))"
    rf"\s{{0,5}},\s{{0,5}}\\{{0,7}}{_NAME}"
)

ALL = (
    rf"{LIKELY_NAMES}(?i:{_QUOTED_ANYHOW})",
    rf"{SURE_NAMES}{_EQUALS}(?i:{_BARE_OR_CALL})",
    rf"{CAPITAL_NAMES}=(?i:{_BARE_OR_CALL})",
    rf"{KEY_NAMES}{_COLON}(?P<secret>[A-Za-z0-9/+=_.-]{{16,}})",
    # As in the CREATE USER and COPY commands.
    rf"{SURE_NAMES}{GAPS}(?i:(?P<texts>{LITERALS}))",
    rf"{KEY_NAMES}{GAPS}(?i:as{GAPS}(?P<texts>{LITERALS}))",
    _NAME_FIRST,
    _VALUE_FIRST,
)
