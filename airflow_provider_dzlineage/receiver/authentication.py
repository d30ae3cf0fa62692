"""Who sends a request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass

from airflow_provider_dzlineage.aws.deadline import Clock, Deadline, DeadlineExceededError, in_background
from airflow_provider_dzlineage.receiver.http_messages import RequestHead
from airflow_provider_dzlineage.receiver.keys import Keyring, find_key, keyring_of
from airflow_provider_dzlineage.receiver.options import ReceiverOptions
from airflow_provider_dzlineage.settings.site import Settings

log = logging.getLogger(__name__)

_REFRESH_EVERY_SECONDS = 1.0
# Usually a new key is in force with the first request after it; no request waits longer when the keys' source is slow.
_REFRESH_WAIT_SECONDS = 1.0


@dataclass(frozen=True)
class Principal:
    """Who may write, and what.

    :param name: for the log.
    :param may_write: returns whether it may write events of the jobs of a namespace.
    :param is_limited: whether there are namespaces that it may not write.
    """

    name: str
    may_write: Callable[[str], bool] = lambda _: True
    is_limited: bool = False


class Authentication:
    """A way to know who sends a request."""

    def identify(self, head: RequestHead) -> Principal | None:
        """Return who it is; None when that is unknown."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Read again what may have changed since; may take a while."""


class KeyAuthentication(Authentication):
    """By an API key: ``Authorization: Bearer <key>``, or the bare key in a header of another name.

    :param keyring: the keys.
    :param headers: those names, in lower case.
    """

    def __init__(self, keyring: Keyring, headers: tuple[str, ...] = ()) -> None:
        self._keyring = keyring
        self._headers = headers

    def identify(self, head: RequestHead) -> Principal | None:
        """Return the holder of the key that is presented."""
        presented = [value for name in self._headers for value in head.values(name)]
        for value in head.values("authorization"):
            scheme, _, rest = value.partition(" ")
            if scheme.lower() == "bearer":
                presented.append(rest.strip())
        key = find_key(presented, self._keyring.keys())
        return Principal(key.name, key.may_write, bool(key.namespaces)) if key else None

    def refresh(self) -> None:
        """Read the keys again."""
        self._keyring.refresh()


class GatewayAuthentication(Authentication):
    """By the authorizer of Amazon API Gateway, or of a Lambda function's URL, in front of us."""

    def identify(self, head: RequestHead) -> Principal | None:
        """Return whom the gateway has authenticated; a route without an authorizer admits no request."""
        return Principal(head.authorizer_principal) if head.authorizer_principal else None


class NoAuth(Authentication):
    """Everybody may write."""

    def identify(self, head: RequestHead) -> Principal | None:
        """Return the same for everybody."""
        return Principal("anybody")


def authentication_of(options: ReceiverOptions, settings: Settings) -> Authentication:
    """Return what the options ask for.

    :raises ConfigurationError: when that is keys and there are none.
    """
    if options.auth == "keys":
        return KeyAuthentication(keyring_of(settings), options.key_headers)
    return NoAuth() if options.auth == "none" else GatewayAuthentication()


class AuthenticationRefresher:
    """Reads again who may write, however long that takes, and whatever goes wrong.

    :param authentication: what is refreshed.
    """

    def __init__(self, authentication: Authentication, clock: Clock | None = None) -> None:
        self._authentication = authentication
        self._clock = clock or Clock()
        self._due = self._clock.now()
        self._refresh: Future[None] | None = None

    def refresh_if_due(self) -> None:
        """Refresh once a second, and wait a second at most; until it is done, what was read before is in force."""
        if self._clock.now() < self._due or (self._refresh and not self._refresh.done()):
            return
        self._due = self._clock.now() + _REFRESH_EVERY_SECONDS
        self._refresh = in_background(self._refresh_safely, "dzlineage-keys")
        with suppress(DeadlineExceededError):
            Deadline(_REFRESH_WAIT_SECONDS, clock=self._clock).result(self._refresh)

    def _refresh_safely(self) -> None:
        try:
            self._authentication.refresh()
        except Exception as error:
            # Without its text, which may repeat something of the keys.
            log.error("Reading the API keys again failed: %s", type(error).__name__)
