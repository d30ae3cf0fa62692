"""API keys: their text form, and which of them a client presents."""

from __future__ import annotations

import fnmatch
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.errors import ConfigurationError

_DIGEST = "sha256:"
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Below it a key could be guessed; 32 random hexadecimal digits are 128 bits.
_MIN_KEY_LENGTH = 16
_FIELDS = {"key", "namespaces"}
_EXAMPLE = "spark=sha256:<64 hexadecimal digits>,dbt=<a key of 16 characters or more>"


@dataclass(frozen=True)
class ApiKey:
    """One key. The key itself is kept nowhere.

    :param name: whose it is; for the log.
    :param digest: its SHA-256, 32 bytes.
    :param namespaces: globs of the job namespaces that it may write; empty for all.
    """

    name: str
    digest: bytes
    namespaces: tuple[str, ...] = ()

    def may_write(self, namespace: str) -> bool:
        """Tell whether events of jobs of this namespace may come with the key; case counts."""
        return not self.namespaces or any(fnmatch.fnmatchcase(namespace, glob) for glob in self.namespaces)


def find_key(presented: Iterable[str], keys: Iterable[ApiKey]) -> ApiKey | None:
    """Return the key that a client has presented.

    Every digest is compared, each in constant time, so that the time tells neither whether nor which one fits.

    :param presented: what the client sent where a key is looked for.
    """
    digests = [hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest() for text in presented]
    found = [key for digest in digests for key in keys if hmac.compare_digest(digest, key.digest)]
    return found[0] if found else None


def parse_keys(text: str, source: str) -> tuple[ApiKey, ...]:
    """Read keys.

    The short form is ``name=key`` or ``name=sha256:<hexadecimal digest>``, between commas or one a line, where ``#``
    begins a comment line. The long form is a JSON object of names; a value is what stands behind ``=``, or an object
    with ``key`` and ``namespaces`` (globs), or an array of those. A name may have several keys.

    :param source: where the text comes from, for messages.
    :raises ConfigurationError: when it has another form. The message shows nothing of the text.
    """
    try:
        pairs = _long_form(text) if text.lstrip().startswith("{") else _short_form(text)
        return tuple(_api_key(name, value) for name, value in pairs)
    except ValueError as error:
        raise ConfigurationError(f"API keys of {source}: {error}", example=_EXAMPLE) from None


def _short_form(text: str) -> Iterator[tuple[str, object]]:
    for number, item in enumerate(re.split(r"[,\n]", text), start=1):
        name, separator, value = item.strip().partition("=")
        if not item.strip() or item.strip().startswith("#"):
            continue
        if not separator:
            raise ValueError(f"entry {number} has no '='")
        yield name.strip(), value.strip()


def _long_form(text: str) -> Iterator[tuple[str, object]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("this is not valid JSON") from None
    for name, keys in value.items():
        yield from ((name, key) for key in (keys if isinstance(keys, list) else [keys]))


def _api_key(name: str, value: Any) -> ApiKey:
    if not _NAME.fullmatch(name):
        raise ValueError("a name must be 1 to 64 letters, digits, dots, hyphens or underscores")
    if isinstance(value, dict) and value.keys() - _FIELDS:
        # A misspelt 'namespaces' would let the key write everything. The field may be a key put in the wrong place.
        raise ValueError(f"{name} has a field that is neither 'key' nor 'namespaces'")
    key, namespaces = (value.get("key"), value.get("namespaces", [])) if isinstance(value, dict) else (value, [])
    if not isinstance(namespaces, list) or not all(isinstance(glob, str) and glob for glob in namespaces):
        raise ValueError(f"'namespaces' of {name} must be a list of globs")
    if isinstance(value, dict) and "namespaces" in value and not namespaces:
        raise ValueError(f"'namespaces' of {name} is empty, which would mean all; leave it out to mean that")
    if not isinstance(key, str):
        raise ValueError(f"the key of {name} must be a text")
    return ApiKey(name, _digest(name, key), tuple(namespaces))


def _digest(name: str, key: str) -> bytes:
    if key.startswith(_DIGEST):
        if not _HEX.fullmatch(key.removeprefix(_DIGEST)):
            raise ValueError(f"the digest of {name} must be 64 hexadecimal digits")
        return bytes.fromhex(key.removeprefix(_DIGEST))
    if len(key) < _MIN_KEY_LENGTH or not re.fullmatch(r"[!-~]+", key):
        raise ValueError(f"the key of {name} must be {_MIN_KEY_LENGTH} or more printable characters without spaces")
    return hashlib.sha256(key.encode("ascii")).digest()
