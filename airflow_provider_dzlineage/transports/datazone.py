"""OpenLineage transport straight into Amazon DataZone, without a buffer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_dzlineage.errors import ConfigurationError, DzLineageError
from airflow_provider_dzlineage.settings.site import RULES, Settings, load_settings
from airflow_provider_dzlineage.transports.base import AwsConfig, AwsTransport, json_text

if TYPE_CHECKING:
    from airflow_provider_dzlineage.aws.deadline import Deadline
    from airflow_provider_dzlineage.transports.datazone_sender import DataZoneSender

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class DataZoneConfig(AwsConfig):
    """Where :class:`DataZoneTransport` posts and what it does to an event, beside the keys of every transport.

    Keys of the configuration are ``domain_id`` and the settings in
    :data:`~airflow_provider_dzlineage.settings.site.RULES`, each by its own name; what is not set comes from the
    environment's ``DZLINEAGE_*``.

    :param settings: the domain and the rules.
    """

    TRANSPORT: ClassVar[str] = "DataZoneTransport"
    EXAMPLE: ClassVar[str] = (
        '{"type": "airflow_provider_dzlineage.transports.datazone.DataZoneTransport", '
        '"domain_id": "dzd_4xkb1c3v5n7m9q"}'
    )

    settings: Settings

    @classmethod
    def from_dict(cls, params: Mapping[str, Any]) -> DataZoneConfig:
        """Return the configuration.

        :param params: the keys of the transport's configuration, as the OpenLineage client passes them on.
        :raises ConfigurationError: when a key is missing, unknown or has a wrong value.
        """
        values, rules = cls.parsed(params, also=("domain_id", *RULES))
        try:
            settings = load_settings({key: _as_text(value) for key, value in rules.items()})
        except ConfigurationError as error:
            raise ConfigurationError(
                f"{cls.TRANSPORT}: {error.message}", fix=error.fix, example=error.example
            ) from None
        if not settings.domain_id:
            raise cls.wrong("domain_id", "is missing")
        return cls(**values, settings=settings)


class DataZoneTransport(AwsTransport):
    """Repairs and trims each event as the forwarder does, and posts it with ``PostLineageEvent``.

    What DataZone does not take in time is not posted. With OpenLineage's composite transport a queue can be the
    fallback: the forwarder posts the same bytes under the same token, so that an event that DataZone took without
    saying so is not drawn twice.

    Events that the rules skip, and events of jobs and datasets, which DataZone does not take, are dropped.
    """

    kind = "datazone"
    config_class = DataZoneConfig
    config: DataZoneConfig
    FAILURE: ClassVar[str] = "OpenLineage event is not delivered to DataZone"

    def _send(self, data: dict[str, Any], deadline: Deadline) -> None:
        try:
            skipped = self._this_process_sender().send(json_text(data), deadline)
        except DzLineageError:
            raise
        except Exception as error:
            from airflow_provider_dzlineage.lineage.pipeline import decision_on

            # Without the error's text, which may repeat something of the event.
            raise decision_on(error).error or error from None
        if skipped:
            log.debug("An event is not posted: %s", skipped)

    def _new_sender(self) -> DataZoneSender:
        from airflow_provider_dzlineage.transports.datazone_sender import DataZoneSender

        return DataZoneSender(self.config.settings, self.config)


def _as_text(value: object) -> object:
    """Undo that the client JSON-parses what environment variables hold: a text of digits is still a text."""
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value) if isinstance(value, int | float) else value
