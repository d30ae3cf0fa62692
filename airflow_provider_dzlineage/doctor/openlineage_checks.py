"""Whether Airflow sends its events to where we look for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from airflow_provider_dzlineage.doctor.effective_transport import Effective, effective_transport
from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed, skipped, warned
from airflow_provider_dzlineage.transport_config.configuration_reader import walk_transports

_CHECK = "openlineage.transport"
_OURS = "airflow_provider_dzlineage.transports.sqs.SqsTransport"
# Which field of a transport names the domain.
_DOMAINS = {
    "airflow_provider_dzlineage.transports.datazone.DataZoneTransport": "domain_id",
    "amazon_datazone_api": "domainId",
}
_AROUND = ("composite", "transform")
_SILENT = {"noop": "drops all events", "console": "only prints events"}
_WRITE = "dzlineage config airflow (or mwaa) writes it"


@dataclass(frozen=True)
class OpenLineageOptions:
    """What Airflow has in effect.

    :param transport: text of ``[openlineage] transport``, in which Airflow has put the values of environment variables;
        empty without one.
    :param is_disabled: whether OpenLineage is turned off by a setting.
    :param config_path: ``[openlineage] config_path``, a YAML file; it comes before ``transport``.
    :param config_conn_id: ``[openlineage] config_conn_id`` of newer providers; it comes before both.
    :param variables: the environment's ``OPENLINEAGE_*``, which the client reads where the options say nothing.
    :param reads_nothing: whether the provider itself says that it finds no configuration; None when it does not say.
    :param problem: why Airflow cannot tell whether it is disabled; empty when it can.
    :param section: what ``[dzlineage]`` says.
    :param section_names: what else is named there, whether it is a setting or not.
    :param written: ``transport`` as it is written, with its ``${VARIABLE}``; None when that is not known.
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


def check_openlineage(
    options: OpenLineageOptions | None, queue_url: str | None, domain_id: str | None = None
) -> Iterator[Finding]:
    """Look at Airflow's side.

    :param options: None when there is no Airflow to ask.
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
    found = effective_transport(options.transport, options.config_path, options.variables, options.written)
    if found.problem:
        yield failed(_CHECK, *found.problem)
    elif not found.source:
        yield warned(_CHECK, "is not set: Airflow sends nothing", _WRITE)
    elif options.reads_nothing and not options.is_disabled:
        yield warned(
            _CHECK,
            f"Airflow sends nothing: its provider does not look at {found.source} alone",
            f"set [openlineage] transport; {_WRITE}",
        )
    else:
        yield from _about(found, queue_url, domain_id)


def _about(found: Effective, queue_url: str | None, domain_id: str | None) -> Iterator[Finding]:
    for mistake in found.mistakes:
        yield failed(_CHECK, "has a known mistake", mistake)
    for name in found.unset:
        yield failed(
            _CHECK,
            f"it takes a value from the environment variable {name}, which is not set here",
            f"export {name} for all of Airflow's processes, and where the doctor runs",
        )
    if found.transport is None:
        if not found.mistakes:
            yield failed(_CHECK, "is no JSON object", "write it on one line, without outer quotes")
        return
    all_of_it = list(walk_transports(found.transport))
    queues = [each.get("queue_url") for each in all_of_it if each.get("type") == _OURS]
    domains = [each.get(_DOMAINS[each["type"]]) for each in all_of_it if each.get("type") in _DOMAINS]
    kinds = [str(each.get("type")) for each in all_of_it if each.get("type") not in _AROUND]
    if queues and queue_url and queue_url not in queues:
        yield failed(_CHECK, "sends to another queue than is drained", "use one queue_url in both places")
    elif domains and domain_id and domain_id not in domains:
        yield failed(_CHECK, "sends to another domain than the setting 'domain_id'", "use one domain in both places")
    elif kinds and all(kind in _SILENT for kind in kinds):
        yield warned(_CHECK, f"{kinds[0]} {_SILENT[kinds[0]]}: nothing is sent", f"set another transport; {_WRITE}")
    elif not (found.mistakes or found.unset):
        yield passed(_CHECK, f"{found.transport.get('type')}, from {found.source}")
