"""Names that variables, properties, options and columns give to secrets.

The expressions match where a name ends; what stands before, such as ``DB_``, is no part of it.
"""

from __future__ import annotations

import re
from functools import lru_cache

_KEYS = ("access", "secret", "api", "symmetric")
_MORE_KEYS = ("private", "fernet", "encryption", "signing", "app")


def _preceded(word: str, *before: str) -> str:
    """Return what holds after a word when one of the others stands before it."""
    return "|".join(rf"(?<={other}{word})|(?<={other}[._-]{word})" for other in before)


def _rest(word: str, *before: str) -> str:
    """Return an expression for a word without its first letter, when one of the others stands before it."""
    return rf"(?<={word[0]}){word[1:]}(?:{_preceded(word, *before)})"


def _names(*rests: str) -> str:
    # What begins with a class of letters, and not with a flag or a choice, is found several times as fast.
    return rf"[PpSsTtCcKkXx](?i:{'|'.join(rests)})"


_PASSWORDS = r"(?<=p)(?:ass(?:words?|wd|phrase|code)|wd)"
_KEYS_AND_TOKENS = (
    _rest("key", *_KEYS) + "(?:[._-]?id)?",
    r"(?<=k)ey(?<=accountkey)",
    _rest("token", "auth", "access", "session", "security", "refresh"),
    _rest("secret", "client"),
    r"(?<=x)-amz-(?:signature|credential)",
)
# A compass is none, nor is a bypass.
_NO_PASS = "".join(rf"(?<!{word}pass)" for word in ("com", "by", "sur", "tres", "over", "under"))
_LIKELY = (
    rf"(?<=p)ass(?:wds|phrases|codes|{_NO_PASS})",
    _rest("key", *_MORE_KEYS),
    r"(?<=s)ecret(?:s|(?<=dbt_env_secret)_\w{1,60}\b)?",
    # Parsers find unexpected ones; and tokens are counted more often than listed.
    r"(?<=t)oken(?<!unexpected token)(?:s(?![\"'\\\s:=]{0,12}\d{1,20}(?:[\"'\\\s,;)}\]]|\Z)))?",
    r"(?<=c)redentials?",
)

# No words that anybody would use otherwise.
KEY_NAMES = _names(*_KEYS_AND_TOKENS)
# The value of such a name is a secret, quoted or not.
SURE_NAMES = rf"{_names(_PASSWORDS, *_KEYS_AND_TOKENS)}\d{{0,3}}"
# In SQL, also what is counted or flagged has such a name; a quoted text is a secret.
LIKELY_NAMES = rf"{_names(_PASSWORDS, *_KEYS_AND_TOKENS, *_LIKELY)}[._-]?\d{{0,3}}"
# Variables of an environment.
CAPITAL_NAMES = (
    rf"(?:TOKEN|SECRETS?|(?<!COM)(?<!BY)PASS|(?:ACCESS|{'|'.join(_MORE_KEYS).upper()})_?KEY"
    r"|DBT_ENV_SECRET_[A-Z0-9_]{1,60}\b)_?\d{0,3}"
)
# A text in lower case without any of these holds no such name; for a key alone, most often that of a table, see below.
NAME_WORDS = ("pass", "pwd", "secret", "token", "credential", "x-amz-s", "key")
_SECRET_KEY = re.compile(rf"key(?:{_preceded('key', *_KEYS, *_MORE_KEYS)}|(?<=accountkey))")
_SECRET = re.compile(rf"(?a)(?:{LIKELY_NAMES}|(?i:(?:^|[._-])authorization))$")


def may_name_a_key(lower: str) -> bool:
    """Return whether a text in lower case may hold the name of a secret key."""
    return "key" in lower and bool(_SECRET_KEY.search(lower))


# The same few names come again and again.
@lru_cache(maxsize=4096)
def names_a_secret(name: str) -> bool:
    """Return whether a variable or property of this name holds a secret; for tokens, it may also be their number."""
    return bool(_SECRET.search(name))
