"""Quoted texts as SQL, JSON and programs write them, and how a match is redacted.

A text that never ends, as in a message that was cut off, ends where all ends. So hardly an expression for one can fail
after its first quote, and none has to go back far.
"""

from __future__ import annotations

import re

REDACTED = "***"


def _plain(quote: str) -> tuple[str, str, str]:
    return quote, rf"[^{quote}\\]*(?:(?:\\.|{quote}{quote})[^{quote}\\]*)*", rf"(?:{quote}|\\?\Z)"


def _doubled(quote: str, times: int) -> tuple[str, str, str]:
    """Return the form of a text inside another one between the same quotes, each of them written twice.

    An empty text looks like its beginning; after that comes a space or the next sign.
    """
    marks = quote * times
    content = rf"[^{quote}]+(?:{marks * 2}[^{quote}]+)*"
    return rf"{marks}(?![\s,;:)\]}}|])", content, rf"(?:{marks}|{quote}{{0,{times - 1}}}\Z)"


def _escaped(quote: str, backslashes: int) -> tuple[str, str, str]:
    """Return the form of a text inside a text of JSON; the end of the outer one ends it too."""
    begin = r"(?<!\\)" + r"\\" * backslashes + quote
    return begin, ".*?", rf"(?:(?<!\\)\\{{0,{backslashes}}}{quote}|\Z)"


def _any_of(forms: tuple[tuple[str, str, str], ...], group: str) -> str:
    """Return an expression for a text of any form (beginning, content, end), with the letters of its kind before."""
    return rf"(?:[nebrfu]|u&|_utf8)?(?:{'|'.join(f'{begin}{group}{content}){end}' for begin, content, end in forms)})"


_DOLLARS = r"\$(?:[a-z_]\w{0,60})?\$"
# In text that is certainly SQL, double quotes hold names.
_SQL_FORMS = (_doubled("'", 4), _doubled("'", 2), _plain("'"), (_DOLLARS, ".*?", rf"(?:{_DOLLARS}|\Z)"))
_ALL_FORMS = (
    *_SQL_FORMS,
    *(_doubled('"', 4), _doubled('"', 2), _plain('"')),
    *(_escaped(quote, backslashes) for quote in ('"', "'") for backslashes in (1, 2, 3, 7)),
)
_SQL_LITERAL = re.compile(rf"(?ais){_any_of(_SQL_FORMS, '(')}")
_LITERAL = re.compile(rf"(?ais){_any_of(_ALL_FORMS, '(')}")
# For use in other expressions, which need the flags a, i and s.
LITERAL = _any_of(_ALL_FORMS, "(?:")
# One or several, put together by an operator, with other things in between.
LITERALS = rf"{LITERAL}(?:\s{{0,20}}(?:\|\||\+)\s{{0,20}}(?:{LITERAL}|[^\s'\"|+,;]{{1,200}}))*"
# Spaces and comments of SQL.
GAPS = r"(?:\s|--[^\n]{0,200}\n|/\*[^*]{0,200}\*/){1,20}"
# Where a program or a template puts in a value; the second ones are secrets when they stand in quotes.
_QUOTED_PLACEHOLDER = r"\$?\{\{(?!\s*['\"])[^{}]{1,200}\}\}|\$\{[\w.]{1,100}\}|%s|%\(\w{1,100}\)s"
PLACEHOLDER = rf"(?:{_QUOTED_PLACEHOLDER}|:[a-z_]\w{{0,100}}|:\d{{1,3}}|\$\d{{1,3}}|\?)"
_KEPT = re.compile(rf"(?ai){_QUOTED_PLACEHOLDER}")


def redact_match(match: re.Match[str]) -> str:
    """Return the text of a match with its groups redacted, or redacted as a whole when it has none.

    Of a group whose name begins with ``texts`` only the contents of the quoted texts are redacted, and of one whose
    name begins with ``sql`` only those of the texts that SQL quotes.
    """
    whole, position = "", match.start()
    names = {index: name for name, index in match.re.groupindex.items()}
    spans = sorted((match.span(index), names.get(index, "")) for index in range(1, match.re.groups + 1))
    for (begin, end), name in spans if match.re.groups else [(match.span(), "")]:
        # A group inside another one is redacted with it; one that took no part has the span (-1, -1).
        if begin >= position:
            whole += match.string[position:begin] + _redact_group(name, match.string[begin:end])
            position = end
    return whole + match.string[position : match.end()]


def _redact_group(name: str, text: str) -> str:
    if name.startswith("sql"):
        return _SQL_LITERAL.sub(_redact_content, text)
    if not name.startswith("texts"):
        return REDACTED if text else text
    # A role is no secret.
    return text if "aws_iam_role=" in text.lower() and ";" not in text else _LITERAL.sub(_redact_content, text)


def _redact_content(literal: re.Match[str]) -> str:
    group, whole = literal.lastindex or 0, literal[0]
    if not literal[group] or _KEPT.fullmatch(literal[group]):
        return whole
    begin, end = (place - literal.start() for place in literal.span(group))
    return f"{whole[:begin]}{REDACTED}{whole[end:]}"
