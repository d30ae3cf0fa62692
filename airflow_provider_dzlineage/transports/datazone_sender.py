"""Repair, fit and post events from a process that lives for one of them."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.credentials import ReadOnlyCredentials

from airflow_provider_dzlineage.buffer.codec import escape_refused
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import StopError, ThrottledError, UnavailableError
from airflow_provider_dzlineage.lineage.pipeline import Outcome
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.settings import DEFAULT_RATE
from airflow_provider_dzlineage.transports.datazone_http import default_endpoint, post_lineage_event
from airflow_provider_dzlineage.transports.lookup_clients import LookupClients
from airflow_provider_dzlineage.transports.sdk_session import SdkSession, sdk_session
from airflow_provider_dzlineage.transports.timed_http import NoTimeLeftError, again_in_time

if TYPE_CHECKING:
    from airflow_provider_dzlineage.settings import Settings
    from airflow_provider_dzlineage.transports.base import AwsConfig


class DataZoneSender:
    """Sends events to one domain.

    :param settings: the domain and the rules.
    :param config: how AWS is reached.
    :raises ConfigurationError: when a transform is unknown or set wrongly.
    """

    def __init__(self, settings: Settings, config: AwsConfig) -> None:
        self._config = config
        self._region = config.region_name or settings.domain_region_name
        (self._domain_id,) = settings.required("domain_id")
        self._lookup_clients = LookupClients(config.profile_name, lambda: self._sdk)
        self._pipeline = pipeline_of(settings, self._lookup_clients.client_for)
        # Of this process only; it gives way to the others when DataZone throttles.
        self._rate_limiter = RateLimiter(DEFAULT_RATE)

    def send(self, text: str, *, give_up: float) -> str | None:
        """Repair, fit and post one event, again after a passing failure while there is time.

        :param text: the event's JSON.
        :param give_up: when to have ended, on the clock of ``time.monotonic``, seconds.
        :return: why it is not to be posted; None when it was.
        :raises DzLineageError: when it was not posted, with what to fix where that is known.
        """
        self._lookup_clients.give_up = give_up
        # The bytes that the forwarder would receive from a queue.
        decision = self._pipeline.prepare(escape_refused(text).encode("utf-8"))
        if decision.event:
            decision = self._pipeline.encode([decision.event])
        if decision.event:
            self._post(decision.event.body, give_up)
            return None
        if decision.error and decision.outcome is not Outcome.SKIPPED:
            raise decision.error
        return decision.reason

    @cached_property
    def _sdk(self) -> SdkSession:
        return sdk_session("datazone", self._config, region=self._region, default_endpoint=default_endpoint)

    def _post(self, body: bytes, give_up: float) -> None:
        sdk = self._sdk
        credentials = _frozen_credentials(sdk)

        def attempt() -> None:
            time.sleep(self._rate_limiter.reserve(time.monotonic()))
            started = time.monotonic()
            try:
                post_lineage_event(sdk, credentials, self._domain_id, body, give_up=give_up)
            except ThrottledError:
                self._rate_limiter.back_off(time.monotonic(), started)
                raise

        try:
            again_in_time(attempt, passing=UnavailableError, give_up=give_up)
        except NoTimeLeftError as error:
            raise UnavailableError(f"no time was left for the post: {error}", type(error).__name__) from error


def _frozen_credentials(sdk: SdkSession) -> ReadOnlyCredentials:
    try:
        return sdk.credentials.get_frozen_credentials()
    # Each source of credentials fails in words of its own: BotoCoreError, ClientError, RuntimeError, ...
    except Exception as error:
        raise StopError(f"cannot get AWS credentials: {error}", type(error).__name__) from error
