"""The base of the transports: the AWS half of their configuration, and how an event is emitted.

Source of the contract: "Custom Transport Type" of https://openlineage.io/docs/client/python .

Imports no AWS library: a short-lived process pays for each import.
"""

from __future__ import annotations

import json
import logging
import os
from abc import abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from openlineage.client.serde import Serde
from openlineage.client.transport.transport import Config, Transport

from airflow_provider_dzlineage.aws.deadline import Deadline
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.raw_event import subject_of
from airflow_provider_dzlineage.settings.loader import read_settings, setting
from airflow_provider_dzlineage.settings.parsers import seconds_up_to

if TYPE_CHECKING:
    from openlineage.client.client import Event

log = logging.getLogger(__name__)

# What the OpenLineage client itself puts into the configuration of every transport.
_KEYS_OF_THE_CLIENT = {"type", "name", "priority"}


@dataclass(frozen=True, kw_only=True)
class AwsConfig(Config):
    """The options with which a transport reaches AWS.

    :param region_name: AWS Region; default: the SDK's configuration.
    :param endpoint_url: endpoint of the service; default: the SDK's configuration.
    :param role_arn: ARN of a role to assume for sending.
    :param profile_name: AWS profile with the credentials.
    :param timeout: seconds that sending one event may take in all. Airflow gives the whole emission ten.
    """

    TRANSPORT: ClassVar[str]
    EXAMPLE: ClassVar[str]

    region_name: str | None = setting(example="us-east-1", help="AWS Region.")
    endpoint_url: str | None = setting(
        example="https://vpce-0a1b.sqs.us-east-1.vpce.amazonaws.com", help="Endpoint of the service."
    )
    role_arn: str | None = setting(example="arn:aws:iam::123456789012:role/lineage", help="Role to assume for sending.")
    profile_name: str | None = setting(example="lineage", help="AWS profile with the credentials.")
    timeout: float = setting(
        default=5.0, parse=seconds_up_to(60), example="2.5", help="Seconds that sending one event may take in all."
    )

    def __reduce__(self) -> tuple[partial[AwsConfig], tuple[()]]:
        # The client's base class knows how to pickle its own fields only.
        return partial(type(self), **{field.name: getattr(self, field.name) for field in fields(self)}), ()

    @classmethod
    def parsed(cls, params: Mapping[str, Any], also: Collection[str] = ()) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the values of the keys that are set, without those of the client itself.

        :param params: the keys of the transport's configuration, as the OpenLineage client passes them on; it parses
            environment variables as JSON, so that a text may arrive as a number.
        :param also: further keys that there are.
        :return: the values of this class's keys, parsed; and those of the further ones, as they are.
        :raises ConfigurationError: when a key is unknown or has a wrong value.
        """
        own = {field.name for field in fields(cls) if field.metadata}
        known = own.union(also)
        if unknown := sorted(params.keys() - known - _KEYS_OF_THE_CLIENT):
            raise cls.wrong(unknown[0], f"is unknown; there are {', '.join(sorted(known))}")
        values, errors = read_settings(cls, {key: value for key, value in params.items() if key in own})
        for key, error in errors.items():
            raise cls.wrong(key, error.message)
        return values, {key: value for key, value in params.items() if key in also}

    @classmethod
    def wrong(cls, key: str, problem: str) -> ConfigurationError:
        """Return the error about one key, with an example."""
        return ConfigurationError(f"{cls.TRANSPORT}: key {key!r} {problem}", example=cls.EXAMPLE)


class AwsTransport(Transport):
    """Sends each event before ``emit`` returns, from whatever process it finds itself in.

    It has no thread and nothing to flush: Airflow emits from a forked process that ends hard right after, see
    ``plugins/listener.py`` of its OpenLineage provider. It may be forked and pickled at any time.
    """

    # How the log line begins when an event was not sent.
    FAILURE: ClassVar[str]

    def __init__(self, config: Any) -> None:
        self.config = config
        self._sender: Any = None
        self._sender_pid = 0

    def emit(self, event: Event) -> None:
        """Send one event.

        :param event: an OpenLineage event of any kind.
        :raises DzLineageError: when it was not sent; one log line says which event and why. Airflow's adapter and
            ``dbt-ol`` catch it, so that no task fails; OpenLineage's composite transport needs it to turn to the next
            transport.
        """
        data = Serde.to_dict(event)
        deadline = Deadline(self.config.timeout)
        try:
            self._send(data, deadline)
        except Exception as error:
            log.error("%s: %s: %s", self.FAILURE, _in_one_line(subject_of(data)), _in_one_line(str(error)))
            raise

    @abstractmethod
    def _send(self, data: dict[str, Any], deadline: Deadline) -> None:
        """Send one event, or decide that it is not to be sent.

        :param data: the event.
        :param deadline: when to have ended.
        """

    @abstractmethod
    def _new_sender(self) -> Any:
        """Make the sender of this process."""

    def _this_process_sender(self) -> Any:
        # A forked child must not share its parent's connections.
        if self._sender is None or self._sender_pid != os.getpid():
            self._sender, self._sender_pid = self._new_sender(), os.getpid()
        return self._sender

    def __getstate__(self) -> dict[str, Any]:
        return {"config": self.config}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["config"])  # type: ignore[misc]


def json_text(data: Mapping[str, Any]) -> str:
    """Return an event as compact JSON text.

    The same event gives the same text in every transport, so that DataZone recognises one that comes both ways.
    """
    # default=str as the client's own JSON does: a facet that holds an odd object must not lose the event.
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)


def _in_one_line(text: str) -> str:
    # A name may hold what no log can be written with.
    return " ".join(text.split()).encode("utf-8", "backslashreplace").decode("utf-8")
