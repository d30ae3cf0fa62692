"""Who sends a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from airflow_provider_dzlineage.receiver.exchange import Head
from airflow_provider_dzlineage.receiver.keyring import Keyring, keyring_of
from airflow_provider_dzlineage.receiver.keys import ApiKey, find_key
from airflow_provider_dzlineage.receiver.options import ReceiverOptions
from airflow_provider_dzlineage.settings import Settings


@dataclass(frozen=True)
class Caller:
    """Who may write, and what.

    :param name: for the log.
    :param may_write: tells whether the jobs of a namespace.
    :param is_limited: whether there are namespaces that it may not write.
    """

    name: str
    may_write: Callable[[str], bool] = lambda _: True
    is_limited: bool = False

    @classmethod
    def of_key(cls, key: ApiKey) -> Caller:
        """Return the holder of a key."""
        return cls(key.name, key.may_write, bool(key.namespaces))


class Authentication(Protocol):
    """Tells who sends a request."""

    def caller_of(self, head: Head) -> Caller | None:
        """Return who it is; None for a stranger."""

    def refresh(self) -> None:
        """Read again what may have changed since; may take a while."""


class ByKey:
    """By an API key: ``Authorization: Bearer <key>``, or the bare key in a header of another name.

    :param keyring: the keys.
    :param headers: those names, in lower case.
    """

    def __init__(self, keyring: Keyring, headers: tuple[str, ...] = ()) -> None:
        self._keyring = keyring
        self._headers = headers

    def caller_of(self, head: Head) -> Caller | None:
        """Return the holder of the key that is presented."""
        presented = [value for name in self._headers for value in head.values(name)]
        for value in head.values("authorization"):
            scheme, _, rest = value.partition(" ")
            if scheme.lower() == "bearer":
                presented.append(rest.strip())
        key = find_key(presented, self._keyring.keys())
        return Caller.of_key(key) if key else None

    def refresh(self) -> None:
        """Read the keys again."""
        self._keyring.refresh()


class ByGateway:
    """By the authorizer of Amazon API Gateway, or of a Lambda function's URL, in front of us."""

    def caller_of(self, head: Head) -> Caller | None:
        """Return whom the gateway names. A route without an authorizer names nobody, and so lets nobody in."""
        return Caller(head.principal) if head.principal else None

    def refresh(self) -> None:
        """Do nothing."""


class NoAuth:
    """Everybody may write."""

    def caller_of(self, head: Head) -> Caller | None:
        """Return the same for everybody."""
        return Caller("anybody")

    def refresh(self) -> None:
        """Do nothing."""


def authentication_of(options: ReceiverOptions, settings: Settings) -> Authentication:
    """Return what the options ask for.

    :raises ConfigurationError: when that is keys and there are none.
    """
    if options.auth == "keys":
        return ByKey(keyring_of(settings), options.key_headers)
    return NoAuth() if options.auth == "none" else ByGateway()
