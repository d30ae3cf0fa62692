"""Check a site's whole lineage, as one task of a daily DAG."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from configparser import ConfigParser, InterpolationError
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage._compat import AirflowFailException, airflow_section, conf
from airflow_provider_dzlineage.operators.base import DOMAIN_SETTINGS, QUEUE_SETTINGS, LineageOperator
from airflow_provider_dzlineage.settings.site import readable_settings

if TYPE_CHECKING:
    from airflow_provider_dzlineage.doctor.openlineage import OpenLineageOptions

_VARIABLES = "AIRFLOW__DZLINEAGE__"
_TRANSPORT_VARIABLE = "AIRFLOW__OPENLINEAGE__TRANSPORT"


class DzLineageDoctorOperator(LineageOperator):
    """Run the checks of ``dzlineage doctor`` with Airflow's connections; fail when one of them fails.

    Returns the findings: a list of objects with ``check``, ``verdict`` (``pass``, ``warn``, ``fail``, ``skip``),
    ``detail`` and ``fix``. All arguments but the last two are settings and may be left out: then the ``[dzlineage]``
    section of the Airflow configuration, the environment and the default follow, in this order.

    :param queue_url: URL of the SQS queue. (templated)
    :param dead_letter_queue_url: URL of the queue for events that cannot be published. (templated)
    :param region_name: AWS Region of the queue. (templated)
    :param sqs_conn_id: Airflow connection for the queue. (templated)
    :param domain_id: Identifier of the domain. (templated)
    :param domain_region_name: AWS Region of the domain. (templated)
    :param datazone_conn_id: Airflow connection for the domain. (templated)
    :param rate: Posts a second, or ``unlimited``.
    :param max_seconds: Deadline of a drain, in seconds.
    :param endpoint_url: URL of the HTTP endpoint, to check it as well. (templated)
    :param canary_seconds: Send a canary, and wait up to so many seconds for it to be in the catalog; None sends none.
    """

    setting_names: Sequence[str] = (*QUEUE_SETTINGS, *DOMAIN_SETTINGS, "rate", "max_seconds")
    template_fields: Sequence[str] = (*QUEUE_SETTINGS, *DOMAIN_SETTINGS, "endpoint_url")
    ui_color = "#fff2cc"

    def __init__(
        self,
        *,
        queue_url: str | None = None,
        dead_letter_queue_url: str | None = None,
        region_name: str | None = None,
        sqs_conn_id: str | None = None,
        domain_id: str | None = None,
        domain_region_name: str | None = None,
        datazone_conn_id: str | None = None,
        rate: float | str | None = None,
        max_seconds: float | None = None,
        endpoint_url: str | None = None,
        canary_seconds: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._keep_settings(locals())
        self.endpoint_url = endpoint_url
        self.canary_seconds = canary_seconds

    def execute(self, context: Mapping[str, Any]) -> list[dict[str, str]]:
        """Run the checks and return the findings."""
        from airflow_provider_dzlineage.doctor.canary import canary_seconds
        from airflow_provider_dzlineage.doctor.checkup import Site, check_site, eager
        from airflow_provider_dzlineage.doctor.finding import CheckVerdict
        from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of

        try:
            seconds = None if self.canary_seconds is None else canary_seconds(self.canary_seconds)
        except ValueError as error:
            raise AirflowFailException(f"canary_seconds {error}") from None
        # Missing and wrong ones are findings.
        explicit = {name: getattr(self, name) for name in self.setting_names}
        settings, problems = readable_settings(explicit, airflow_section())
        # Built here, since only the task's own thread may look up Airflow's connections.
        queue, catalog = eager(lambda: self._queue(settings)), eager(lambda: self._catalog(settings))
        site = Site(
            settings,
            problems,
            pipeline=lambda: pipeline_of(settings, self._lookup_client(settings)),
            queue=queue,
            catalog=catalog,
            openlineage=eager(openlineage_options),
            endpoint_url=self.endpoint_url,
            canary_seconds=seconds,
        )
        findings = list(check_site(site))
        for finding in findings:
            self.log.info("%s", finding.log_line())
        bad = [finding for finding in findings if finding.verdict is CheckVerdict.FAIL]
        if bad:
            raise AirflowFailException("; ".join(f"{each.check}: {each.detail} (to fix: {each.fix})" for each in bad))
        return [finding.to_dict() for finding in findings]


def openlineage_options() -> OpenLineageOptions:
    """Return what this Airflow has configured."""
    from airflow_provider_dzlineage.doctor.openlineage import OpenLineageOptions

    problem, disabled = "", False
    try:
        disabled = conf.getboolean("openlineage", "disabled", fallback=False)
    except Exception:
        # Each Airflow raises its own.
        problem = "[openlineage] disabled is neither true nor false"
    # Source: `_is_true` of the provider's conf.py.
    disabled = disabled or os.environ.get("OPENLINEAGE_DISABLED", "").lower().strip() in ("true", "1", "t")
    # Airflow 2 does not list variables of a section that no file has.
    variables = [name[len(_VARIABLES) :].lower() for name in os.environ if name.startswith(_VARIABLES)]
    section_names = {*(conf.getsection("dzlineage") or ()), *variables}
    return OpenLineageOptions(
        _option("transport"),
        disabled,
        config_path=_option("config_path"),
        config_conn_id=_option("config_conn_id"),
        variables={name: value for name, value in os.environ.items() if name.startswith("OPENLINEAGE_")},
        reads_nothing=None if disabled else _reads_nothing(),
        problem=problem,
        section=airflow_section(),
        section_names=(*section_names,),
        written=_written_transport(),
    )


def _option(name: str) -> str:
    return conf.get("openlineage", name, fallback="") or ""


def _written_transport() -> str | None:
    """Return the option as a user wrote it; None where that is not to be had.

    ``conf.get`` puts in what environment variables hold. No Airflow has a way around that, and each is a
    :class:`ConfigParser`, which does not.
    """
    if _TRANSPORT_VARIABLE in os.environ:
        return os.environ[_TRANSPORT_VARIABLE]
    try:
        return ConfigParser.get(conf, "openlineage", "transport", fallback=None)
    except InterpolationError:
        return None


def _reads_nothing() -> bool | None:
    """Return whether the installed provider finds no configuration; each of its versions searches other places."""
    try:
        from airflow.providers.openlineage import conf as provider

        return bool(provider.is_disabled())
    except Exception:
        # The checks report what it cannot read.
        return None
