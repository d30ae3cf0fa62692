"""Check that Airflow sends its events to where they are forwarded from.

Source of the order in which a transport is looked for: ``get_openlineage_config`` of the provider's
``plugins/adapter.py``, 1.13 to 2.20, and ``_resolve_transport`` of the Python client, 1.23 to 1.54.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed, skipped, warned
from airflow_provider_dzlineage.transport_config import hints
from airflow_provider_dzlineage.transport_config.configuration_reader import (
    json_or_none,
    read_configuration,
    walk_transports,
)
from airflow_provider_dzlineage.transport_config.hints import KEY_IN_CLEAR

_CHECK = "openlineage.transport"
_OPTION = "[openlineage] transport"
_PATH_OPTION = "[openlineage] config_path"
_VARIABLE_REFERENCE = re.compile(r"\$\{(\w+)\}")
_SQS_TRANSPORT = "airflow_provider_dzlineage.transports.sqs.SqsTransport"
# The field of a transport that names the domain.
_DOMAIN_FIELDS = {
    "airflow_provider_dzlineage.transports.datazone.DataZoneTransport": "domain_id",
    "amazon_datazone_api": "domainId",
}
_WRAPPERS = ("composite", "transform")
_NOT_SENDING = {"noop": "drops all events", "console": "only prints events"}
_WRITE = "dzlineage config airflow (or mwaa) writes it"


@dataclass(frozen=True)
class OpenLineageOptions:
    """The configuration of an Airflow.

    :param transport: ``[openlineage] transport``, in which Airflow has put the values of environment variables; empty
        without one.
    :param is_disabled: whether a setting turns OpenLineage off.
    :param config_path: ``[openlineage] config_path``, a YAML file; it wins over ``transport``.
    :param config_conn_id: ``[openlineage] config_conn_id`` of newer providers; it wins over both.
    :param variables: the environment's ``OPENLINEAGE_*``, which the client reads where the options are empty.
    :param reads_nothing: whether the provider itself finds no configuration; None when that is unknown.
    :param problem: why it is unknown whether OpenLineage is off; empty when it is known.
    :param section: the options of ``[dzlineage]`` that are settings.
    :param section_names: the names of all options there.
    :param written: ``transport`` as it is written, with its ``${VARIABLE}``; None when that is unknown.
    """

    transport: str = field(repr=False)
    is_disabled: bool
    config_path: str = ""
    config_conn_id: str = ""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    reads_nothing: bool | None = None
    problem: str = ""
    section: Mapping[str, str] = field(default_factory=dict)
    section_names: Sequence[str] = ()
    written: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class EffectiveTransport:
    """The transport that is in effect.

    :param source: where it is configured; empty when there is none.
    :param transport: parsed; None when it cannot be parsed.
    :param mistakes: known mistakes in it, see :func:`~..transport_config.hints`.
    :param problem: what is wrong with the source itself, and what to do about it.
    :param unset_variables: environment variables that it refers to and that are not set.
    """

    source: str = ""
    transport: Mapping[str, Any] | None = None
    mistakes: Sequence[str] = ()
    problem: tuple[str, str] | None = None
    unset_variables: Sequence[str] = ()


def check_openlineage(
    options: OpenLineageOptions | None, queue_url: str | None, domain_id: str | None = None
) -> Iterator[Finding]:
    """Check Airflow's configuration of OpenLineage.

    :param options: None when there is no Airflow.
    :param queue_url: the queue that is drained.
    :param domain_id: the domain that is posted to.
    """
    if options is None:
        yield skipped(_CHECK, "there is no Airflow in this environment")
        return
    if options.problem:
        yield failed("OpenLineage", options.problem, "write [openlineage] disabled = False, or True to turn it off")
    elif options.is_disabled:
        yield failed("OpenLineage", "it is disabled", "remove [openlineage] disabled and OPENLINEAGE_DISABLED")
    if options.config_conn_id:
        yield skipped(_CHECK, "it is in the connection that [openlineage] config_conn_id names")
        return
    effective = effective_transport(options)
    if effective.problem:
        yield failed(_CHECK, *effective.problem)
    elif not effective.source:
        yield warned(_CHECK, "is not set: Airflow sends nothing", _WRITE)
    elif options.reads_nothing and not options.is_disabled:
        yield warned(
            _CHECK,
            f"Airflow sends nothing: its provider does not look at {effective.source} alone",
            f"set [openlineage] transport; {_WRITE}",
        )
    else:
        yield from _check_transport(effective, queue_url, domain_id)


def _check_transport(effective: EffectiveTransport, queue_url: str | None, domain_id: str | None) -> Iterator[Finding]:
    for mistake in effective.mistakes:
        yield failed(_CHECK, "has a known mistake", mistake)
    for name in effective.unset_variables:
        yield failed(
            _CHECK,
            f"it takes a value from the environment variable {name}, which is not set here",
            f"export {name} for all of Airflow's processes, and where the doctor runs",
        )
    if effective.transport is None:
        if not effective.mistakes:
            yield failed(_CHECK, "is not a JSON object", "write it on one line, without outer quotes")
        return
    transports = list(walk_transports(effective.transport))
    queues = [each.get("queue_url") for each in transports if each.get("type") == _SQS_TRANSPORT]
    domains = [each.get(_DOMAIN_FIELDS[each["type"]]) for each in transports if each.get("type") in _DOMAIN_FIELDS]
    kinds = [str(each.get("type")) for each in transports if each.get("type") not in _WRAPPERS]
    if queues and queue_url and queue_url not in queues:
        yield failed(_CHECK, "sends to another queue than is drained", "use one queue_url in both places")
    elif domains and domain_id and domain_id not in domains:
        yield failed(_CHECK, "sends to another domain than the setting 'domain_id'", "use one domain in both places")
    elif kinds and all(kind in _NOT_SENDING for kind in kinds):
        detail = f"{kinds[0]} {_NOT_SENDING[kinds[0]]}: nothing is sent"
        yield warned(_CHECK, detail, f"set another transport; {_WRITE}")
    elif not (effective.mistakes or effective.unset_variables):
        yield passed(_CHECK, f"{effective.transport.get('type')}, from {effective.source}")


def effective_transport(options: OpenLineageOptions) -> EffectiveTransport:
    """Return the transport that Airflow's OpenLineage provider uses."""
    if options.config_path:
        source = _PATH_OPTION + (f", which wins over {_OPTION}" if options.transport else "")
        if of_file := _transport_of_file(options.config_path, source):
            return of_file
    elif options.transport:
        return _transport_of_option(options.transport, options.written)
    # From here on the client looks by itself. It ignores a file that does not exist.
    path = options.variables.get("OPENLINEAGE_CONFIG", "")
    of_file = _transport_of_file(path, "OPENLINEAGE_CONFIG") if path and Path(path).is_file() else None
    return of_file or _transport_of_variables(options.variables)


def _transport_of_option(text: str, written: str | None) -> EffectiveTransport:
    # A key that Airflow has put in for a variable is not written in clear.
    is_in_clear = written is not None and KEY_IN_CLEAR in hints(written)
    mistakes = [hint for hint in hints(text) if hint != KEY_IN_CLEAR or is_in_clear]
    # Airflow leaves a reference to a variable that is not set.
    unset = list(dict.fromkeys(_VARIABLE_REFERENCE.findall(text)))
    value = json_or_none(text)
    return EffectiveTransport(_OPTION, value if isinstance(value, dict) else None, mistakes, unset_variables=unset)


def _transport_of_file(path: str, source: str) -> EffectiveTransport | None:
    """Return the transport of a YAML file; None when it names none."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        detail = f"{source} names {path}, which cannot be read: {type(error).__name__}"
        fix = "put the file there, on every worker, or remove the option"
        return EffectiveTransport(source, problem=(detail, fix))
    config = read_configuration(text)
    # Whatever the name of the file, the client reads it as YAML.
    mistakes = hints(text, file_name="openlineage.yml")
    if not isinstance(config.document.get("transport"), Mapping):
        # The client ignores a transport that is not under the key "transport", though it was meant to be one.
        return EffectiveTransport(source, mistakes=mistakes) if config.is_bare else None
    mistakes += _unexpanded_references(config.transport)
    return EffectiveTransport(source, config.transport, mistakes)


def _transport_of_variables(variables: Mapping[str, str]) -> EffectiveTransport:
    config = read_configuration(variables)
    if not config.transport:
        return EffectiveTransport()
    # An environment variable is the right place for a key.
    mistakes = [hint for hint in hints(dict(variables)) if hint != KEY_IN_CLEAR]
    if not config.from_url:
        mistakes += _unexpanded_references(config.transport)
    source = "OPENLINEAGE_URL" if config.from_url else "OPENLINEAGE__TRANSPORT"
    return EffectiveTransport(source, config.transport, mistakes)


def _unexpanded_references(transport: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield a mistake for each reference to a variable, which the client takes as it is and no shell has expanded."""
    for name in dict.fromkeys(_VARIABLE_REFERENCE.findall(json.dumps(transport))):
        yield (
            f"nothing puts in what the variable {name} holds: only [openlineage] transport and a shell do; dzlineage "
            "config dbt prints the line that exports the key"
        )
