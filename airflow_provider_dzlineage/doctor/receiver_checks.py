"""Whether what is set about the HTTP endpoint can be read: a wrong value keeps it from starting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from airflow_provider_dzlineage.doctor.finding import Finding, passed, wrong
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.receiver.keyring import keyring_of
from airflow_provider_dzlineage.receiver.options import ReceiverOptions, receiver_options
from airflow_provider_dzlineage.settings import ENVIRONMENT_PREFIX, Settings


def check_receiver(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Look at the endpoint's own settings, as far as any is set.

    A secret is not asked for: who runs the doctor need not be allowed to read it.

    :param settings: of which those that hold API keys count.
    :param environment: variables, of which the endpoint's options count.
    """
    for option in fields(ReceiverOptions):
        variable = ENVIRONMENT_PREFIX + option.name.upper()
        if not environment.get(variable):
            continue
        try:
            receiver_options({}, {variable: environment[variable]})
        except ConfigurationError as error:
            yield wrong(variable, str(error))
    for name in ("api_keys", "api_keys_file"):
        source: dict[str, Any] = {name: getattr(settings, name)}
        if not source[name]:
            continue
        try:
            # One source after the other, so that each is judged by itself.
            keys = keyring_of(Settings(**source)).keys()
        except ConfigurationError as error:
            yield wrong(f"setting {name}", str(error))
        else:
            yield passed(f"setting {name}", f"{len(keys)} keys" if len(keys) > 1 else "1 key")
