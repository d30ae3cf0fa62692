"""Passwords of accounts in the SQL of Oracle and MySQL, after IDENTIFIED BY."""

from __future__ import annotations

from airflow_provider_dzlineage.lineage.redaction.literals import GAPS, LITERAL, PLACEHOLDER

_USER = r"(?:user|role)\s{1,5}(?:if\s{1,5}(?:not\s{1,5})?exists\s{1,5})?"
# Elsewhere, things are identified by many a word.
_ACCOUNT = (
    rf"(?:\b(?:{_USER}|connect\s{{1,5}}to\s{{1,5}})[^\s,;]{{1,200}}\s{{1,5}}"
    r"|\b(?:grant|(?:create|alter)\s{1,5}user)\b(?:(?!\b(?:grant|create|alter)\b)[^;]){1,400}?\b)"
)
_WORD = r"[^\s'\";,\\]+"
_OLD = rf"(?:\s{{1,5}}replace\s{{1,5}}(?:(?P<texts_old>{LITERAL})|(?P<old>{_WORD})))?"
_NO_SECRET = rf"(?:password|values|random|{PLACEHOLDER})(?:[\s;]|\Z)"

QUOTED = (
    rf"\bidentified{GAPS}(?:with{GAPS}\S{{1,100}}{GAPS}(?:by|as)|by){GAPS}"
    rf"(?:(?:password|values){GAPS})?(?P<texts>{LITERAL}){_OLD}"
)
BARE = rf"{_ACCOUNT}identified{GAPS}by{GAPS}(?!{_NO_SECRET})(?P<password>{_WORD}){_OLD}"
