"""What secrets look like in a text. No expression here can take more than linear time.

Sources: the forms of AWS access keys and of presigned URLs in the AWS documentation; the COPY, UNLOAD and CREATE USER
commands of Amazon Redshift, and those of Oracle and MySQL; RFC 3986 for passwords in addresses; RFC 6750 for bearer
tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from airflow_provider_dzlineage.lineage.redaction import accounts as secret_accounts
from airflow_provider_dzlineage.lineage.redaction import addresses as secret_addresses
from airflow_provider_dzlineage.lineage.redaction import assignments as secret_assignments
from airflow_provider_dzlineage.lineage.redaction.literals import GAPS, LITERALS, PLACEHOLDER, blotted
from airflow_provider_dzlineage.lineage.redaction.names import KEY_WORD, NAME_WORDS, may_name_a_key


@dataclass(frozen=True)
class Secret:
    """One form of secrets.

    :param expression: its groups tell what is blotted out, and how; see
        :func:`~airflow_provider_dzlineage.lineage.redaction.literals.blotted`.
    :param words: without one of these, in lower case, the expression cannot match.
    """

    expression: re.Pattern[str]
    words: tuple[str, ...]


def _exactly(expression: str, *words: str) -> Secret:
    return Secret(re.compile(f"(?as){expression}"), words)


def _in_any_case(expression: str, *words: str) -> Secret:
    return Secret(re.compile(f"(?ais){expression}"), words)


_BEFORE, _AFTER = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
# Eight letters may be a word.
_BEARER = r"[a-z0-9._~+/-]{20,}={0,2}|(?=[a-z]{0,19}[0-9._~+/-])[a-z0-9._~+/-]{8,}={0,2}"

SECRETS = (
    _in_any_case(secret_addresses.OF_DATABASES, "@"),
    _in_any_case(secret_addresses.ANY, "@"),
    _in_any_case(secret_addresses.OF_ORACLE, "@"),
    _exactly(rf"{_BEFORE}(?P<id>(?:AKIA|ASIA)[A-Z0-9]{{16}}){_AFTER}", "akia", "asia"),
    _exactly(rf"{_BEFORE}(?P<token>(?:ghp_|github_pat_|glpat-)[A-Za-z0-9_-]{{16,}})", "ghp_", "github_pat_", "glpat-"),
    _exactly(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?P<key>.*?)(?:-----END|\Z)", "-----begin"),
    *(_exactly(expression, *NAME_WORDS, KEY_WORD) for expression in secret_assignments.ALL),
    # A function of MySQL.
    _in_any_case(r"\bpassword\s?\((?P<sql>[^()]+)\)", "pass"),
    _in_any_case(
        r"(?<![^\s'\"\[])--(?:[a-z0-9]{1,20}-){0,3}(?:password|passwd|token|secret|api-key)(?:['\"\\]{1,4},)?\s{1,5}"
        rf"(?!{PLACEHOLDER})(?:(?P<texts>{LITERALS})|(?P<secret>[^\s'\"\\-][^\s'\"]*))",
        *NAME_WORDS,
        KEY_WORD,
    ),
    _in_any_case(r"[?&](?:token|sig|signature|secret)=(?P<secret>[^&\s'\"]+)", "token", "sig=", "signature=", "secret"),
    _in_any_case(rf"\bbearer[\s:'\"]{{1,5}}(?P<token>{_BEARER})", "bearer"),
    _in_any_case(
        r"\bauthorization['\"\\]{0,4}\s{0,5}[:=]\s{0,5}['\"\\]{0,4}(?:basic|token|bearer)\s{1,5}"
        r"(?P<secret>[a-z0-9+/_.~-]+={0,2})",
        "authorization",
    ),
    _in_any_case(rf"\bcredentials{GAPS}(?:as{GAPS})?(?P<texts>{LITERALS})", "credential"),
    _in_any_case(secret_accounts.QUOTED, "identified"),
    _in_any_case(secret_accounts.BARE, "identified"),
)
# Each once, as each costs every event.
_WORDS = tuple(dict.fromkeys(word for secret in SECRETS for word in secret.words if word != KEY_WORD))


def may_hold_a_secret(lower: str) -> bool:
    """Tell, much cheaper than by looking for it, whether a text can hold a secret.

    :param lower: the text in lower case.
    """
    return any(word in lower for word in _WORDS) or may_name_a_key(lower)


def without_secrets(text: str) -> str:
    """Return a text without the secrets in it."""
    lower = text.lower()
    if may_hold_a_secret(lower):
        for secret in SECRETS:
            if any(word in lower for word in secret.words):
                text = secret.expression.sub(blotted, text)
    return text
