"""The keys that are in force, read again from time to time, so that they rotate while the endpoint runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.receiver.keys import ApiKey, parse_keys
from airflow_provider_dzlineage.settings import Settings

log = logging.getLogger(__name__)

_FILE_SECONDS = 5.0
# Secrets Manager charges for each call, and a minute is soon enough for a key that was revoked.
_SECRET_SECONDS = 60.0


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
        """Read the keys.

        :raises ConfigurationError: when there are none.
        """
        keys = parse_keys(self.read(), self.name)
        if not keys:
            raise ConfigurationError(f"there are no API keys in {self.name}")
        return keys


class Keyring:
    """The keys of all sources. Safe to share between threads.

    :param sources: at least one.
    :raises ConfigurationError: when one has no keys or cannot be read.
    """

    def __init__(self, *sources: KeySource, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._loaded = {source: source.load() for source in sources}
        self._due = {source: now() + source.seconds for source in sources}
        self._keys = sum(self._loaded.values(), ())

    def keys(self) -> tuple[ApiKey, ...]:
        """Return the keys as they were read last."""
        return self._keys

    def refresh(self) -> None:
        """Read those sources again whose time is over. What cannot be read, or holds no key, stays as it was.

        A file that is being written would else shut out everybody for a moment, and clients do not repeat a 401.
        """
        with self._lock:
            for source in [source for source, due in self._due.items() if self._now() >= due]:
                self._due[source] = self._now() + source.seconds
                try:
                    self._loaded[source] = source.load()
                except ConfigurationError as error:
                    log.warning("API keys stay as they were: %s", error)
            self._keys = sum(self._loaded.values(), ())


def keyring_of(settings: Settings) -> Keyring:
    """Make the keyring of the settings ``api_keys``, ``api_keys_file`` and ``api_keys_secret``, all that are set.

    :raises ConfigurationError: when none is, or one has no keys.
    """
    sources = []
    if settings.api_keys:
        text = settings.api_keys
        sources.append(KeySource("the setting 'api_keys'", lambda: text))
    if settings.api_keys_file:
        path = Path(settings.api_keys_file)
        sources.append(KeySource(f"the file {path}", lambda: _text_of(path), _FILE_SECONDS))
    if settings.api_keys_secret:
        from airflow_provider_dzlineage.receiver.secret import secret_reader

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


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the file of API keys {path} cannot be read: {type(error).__name__}") from None
