"""Quoted texts, as SQL, JSON and programs write them, and how their contents are blotted out.

A text that never ends, as in a message that was cut off, ends where all ends. So hardly an expression for one can fail
after its first quote, and none has to go back far.
"""

from __future__ import annotations

import re
from typing import NamedTuple

BLOT = "***"


class _Form(NamedTuple):
    """How quoted texts look: expressions for what stands before, in, and after them."""

    begin: str
    content: str
    end: str


def _plain(quote: str) -> _Form:
    return _Form(quote, rf"[^{quote}\\]*(?:(?:\\.|{quote}{quote})[^{quote}\\]*)*", rf"(?:{quote}|\\?\Z)")


def _doubled(quote: str, times: int) -> _Form:
    """Return the form of a text that stands in another one between the same quotes, each of them written twice.

    An empty text looks like its beginning; after that comes a space or the next sign.
    """
    marks = quote * times
    content = rf"[^{quote}]+(?:{marks * 2}[^{quote}]+)*"
    return _Form(rf"{marks}(?![\s,;:)\]}}|])", content, rf"(?:{marks}|{quote}{{0,{times - 1}}}\Z)")


def _escaped(quote: str, backslashes: int) -> _Form:
    """Return the form of a text in a text of JSON; the end of the outer one ends it too."""
    begin = r"(?<!\\)" + r"\\" * backslashes + quote
    return _Form(begin, ".*?", rf"(?:(?<!\\)\\{{0,{backslashes}}}{quote}|\Z)")


_DOLLARS = r"\$(?:[a-z_]\w{0,60})?\$"
_OF_SQL = (_doubled("'", 4), _doubled("'", 2), _plain("'"), _Form(_DOLLARS, ".*?", rf"(?:{_DOLLARS}|\Z)"))
_OF_OTHERS = (
    *(_doubled('"', 4), _doubled('"', 2), _plain('"')),
    *(_escaped(quote, backslashes) for quote in ('"', "'") for backslashes in (1, 2, 3, 7)),
)


def _any_of(forms: tuple[_Form, ...], group: str) -> str:
    """Return what matches a text of any of these forms, and the letters that tell how it is written."""
    return rf"(?:[nebrfu]|u&|_utf8)?(?:{'|'.join(f'{begin}{group}{content}){end}' for begin, content, end in forms)})"


# In text that is certainly SQL, double quotes hold names.
_SQL_LITERAL = re.compile(rf"(?ais){_any_of(_OF_SQL, '(')}")
_LITERAL = re.compile(rf"(?ais){_any_of(_OF_SQL + _OF_OTHERS, '(')}")
# For use in other expressions, which need the flags a, i and s.
LITERAL = _any_of(_OF_SQL + _OF_OTHERS, "(?:")
# Also several, put together by an operator, with other things in between.
LITERALS = rf"{LITERAL}(?:\s{{0,20}}(?:\|\||\+)\s{{0,20}}(?:{LITERAL}|[^\s'\"|+,;]{{1,200}}))*"

# Spaces and comments of SQL.
GAPS = r"(?:\s|--[^\n]{0,200}\n|/\*[^*]{0,200}\*/){1,20}"
# What a program or a template puts a value in for; the others are secrets when they stand in quotes.
_QUOTED_PLACEHOLDER = r"\$?\{\{(?!\s*['\"])[^{}]{1,200}\}\}|\$\{[\w.]{1,100}\}|%s|%\(\w{1,100}\)s"
PLACEHOLDER = rf"(?:{_QUOTED_PLACEHOLDER}|:[a-z_]\w{{0,100}}|:\d{{1,3}}|\$\d{{1,3}}|\?)"
_KEPT = re.compile(rf"(?ai){_QUOTED_PLACEHOLDER}")
# A role is no secret.
_ROLE = "aws_iam_role="


def blotted(match: re.Match[str]) -> str:
    """Return what a match becomes.

    Of its groups, those whose names begin with ``texts`` or ``sql`` keep all but the contents of the quoted texts in
    them, the latter only those of SQL; all others are blotted out.
    """
    whole, start = match[0], match.start()
    parts, position = [], 0
    for name in match.re.groupindex:
        if match[name]:
            begin, end = match.span(name)
            parts += [whole[position : begin - start], _cleaned(name, match[name])]
            position = end - start
    return "".join([*parts, whole[position:]])


def _cleaned(name: str, text: str) -> str:
    if name.startswith("sql"):
        return _SQL_LITERAL.sub(_emptied, text)
    if not name.startswith("texts"):
        return BLOT
    if _ROLE in text.lower() and ";" not in text:
        return text
    return _LITERAL.sub(_emptied, text)


def _emptied(literal: re.Match[str]) -> str:
    group, whole = literal.lastindex or 0, literal[0]
    if not literal[group] or _KEPT.fullmatch(literal[group]):
        return whole
    begin, end = (place - literal.start() for place in literal.span(group))
    return f"{whole[:begin]}{BLOT}{whole[end:]}"
