"""API keys: their text form, where they are read from, and which of them a client presents.

They are read again from time to time, so that they rotate while the endpoint runs.
"""

from __future__ import annotations

import fnmatch
import hashlib
import hmac
import json
import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_provider_dzlineage.aws.arns import Arn
from airflow_provider_dzlineage.aws.deadline import Clock, Deadline, DeadlineExceededError
from airflow_provider_dzlineage.aws.error_codes import error_code
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.settings.site import Settings

log = logging.getLogger(__name__)

_DIGEST = "sha256:"
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Below it a key could be guessed; 32 random hexadecimal digits are 128 bits.
_MIN_KEY_LENGTH = 16
_FIELDS = {"key", "namespaces"}
_EXAMPLE = "spark=sha256:<64 hexadecimal digits>,dbt=<a key of 16 characters or more>"
_FILE_SECONDS = 1.0
# Secrets Manager charges for each call, and a minute is soon enough for a key that was revoked.
_SECRET_SECONDS = 60.0
# Longer than the client's time-outs, which are for each wait: an answer that comes byte by byte outlasts them.
_SECRET_CALL_SECONDS = 3.0


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
        """Return whether events of jobs of this namespace may come with the key; case counts."""
        return not self.namespaces or any(fnmatch.fnmatchcase(namespace, glob) for glob in self.namespaces)


def find_key(presented: Iterable[str], keys: Iterable[ApiKey]) -> ApiKey | None:
    """Return the key that a client has presented.

    Every digest is compared, each in constant time, so that the time reveals neither whether nor which one matches.

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


@dataclass(frozen=True)
class KeySource:
    """A place that holds keys.

    :param name: the place in words, without any key.
    :param read: returns its text.
    :param seconds: for how long that text is good.
    """

    name: str
    read: Callable[[], str]
    seconds: float = float("inf")

    def load(self) -> tuple[ApiKey, ...]:
        """Read the keys, of which there has to be one."""
        keys = parse_keys(self.read(), self.name)
        if not keys:
            raise ConfigurationError(f"there are no API keys in {self.name}")
        return keys


class Keyring:
    """The keys of all sources. Safe to share between threads.

    :param sources: at least one.
    :raises ConfigurationError: when one has no keys or cannot be read.
    """

    def __init__(self, *sources: KeySource, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._loaded = {source: source.load() for source in sources}
        self._due = {source: self._clock.now() + source.seconds for source in sources}
        self._keys = sum(self._loaded.values(), ())

    def keys(self) -> tuple[ApiKey, ...]:
        """Return the keys as they were read last."""
        return self._keys

    def refresh(self) -> None:
        """Read those sources again whose time is over. What cannot be read, or holds no key, stays as it was.

        A file that is being written would else shut out everybody for a moment, and clients do not repeat a 401.
        """
        with self._lock:
            for source in [source for source, due in self._due.items() if self._clock.now() >= due]:
                self._due[source] = self._clock.now() + source.seconds
                try:
                    self._loaded[source] = source.load()
                except ConfigurationError as error:
                    log.warning("API keys stay as they were: %s", error)
            self._keys = sum(self._loaded.values(), ())


def keyring_of(settings: Settings) -> Keyring:
    """Return the keyring of the settings ``api_keys``, ``api_keys_file`` and ``api_keys_secret``, all that are set.

    :raises ConfigurationError: when none is, or one has no keys.
    """
    sources = []
    if settings.api_keys:
        text = settings.api_keys
        sources.append(KeySource("the setting 'api_keys'", lambda: text))
    if settings.api_keys_file:
        path = Path(settings.api_keys_file)
        sources.append(KeySource(f"the file {path}", lambda: _file_text(path), _FILE_SECONDS))
    if settings.api_keys_secret:
        name = settings.api_keys_secret
        sources.append(KeySource(f"the secret {name}", secret_reader(name), _SECRET_SECONDS))
    if not sources:
        raise ConfigurationError(
            "there are no API keys, and without them everybody could write lineage. Set one of:\n"
            "  DZLINEAGE_API_KEYS=spark=<key>,dbt=<key>\n"
            "  DZLINEAGE_API_KEYS_FILE=<file with one name=key a line>\n"
            "  DZLINEAGE_API_KEYS_SECRET=<ARN of a secret in AWS Secrets Manager with the same>\n"
            "(a key may also be written as sha256:<its digest>), or say --no-auth (DZLINEAGE_AUTH=none)"
        )
    return Keyring(*sources)


def _file_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the file of API keys {path} cannot be read: {type(error).__name__}") from None


def secret_reader(name: str) -> Callable[[], str]:
    """Return a function that reads the text of a secret of AWS Secrets Manager.

    :param name: the secret's name or ARN; an ARN also says its Region.
    :raises ConfigurationError: when there can be no client; the function, when the secret cannot be read.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    from airflow_provider_dzlineage.aws.clients import client_config, make_client

    arn = Arn.parse(name)
    client = make_client(
        "secretsmanager", arn.region if arn else None, client_config(connect_seconds=1, read_seconds=1.5)
    )

    def read() -> str:
        fix = ""
        try:
            secret = Deadline(_SECRET_CALL_SECONDS).call(lambda: client.get_secret_value(SecretId=name))
            return str(secret.get("SecretString", ""))
        except DeadlineExceededError:
            problem = f"no answer within {_SECRET_CALL_SECONDS:.0f} seconds"
        except ClientError as error:
            problem = error_code(error)
            fix = (
                "check its name and Region, and allow secretsmanager:GetSecretValue (and kms:Decrypt for a key of your "
                "own) to the role that runs this"
            )
        except BotoCoreError as error:
            problem = str(error)
        raise ConfigurationError(f"the secret {name} cannot be read: {problem}", fix=fix)

    return read
