"""Texts that may hold a URL with a password in it, made fit for a log."""

from __future__ import annotations

import re

# Up to the last at sign: a password that was not escaped may hold some, and slashes.
_USER = re.compile(r"(?<=://)[^\s\"'<>]*@")


def without_users(text: str) -> str:
    """Return a text with ``***`` for the names and passwords in its URLs."""
    return _USER.sub("***@", text)
