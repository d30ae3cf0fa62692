"""The parameters of the operators and of the sensor, as an IDE, Airflow's templates and task mapping see them."""

from __future__ import annotations

import inspect
import re
from datetime import datetime, timezone

import pytest

compat = pytest.importorskip("airflow_provider_dzlineage._compat")
from airflow_provider_dzlineage.operators.doctor import DzLineageDoctorOperator  # noqa: E402
from airflow_provider_dzlineage.sensors.datazone_lineage_event import DataZoneLineageEventSensor  # noqa: E402
from airflow_provider_dzlineage.settings.site import RULES, Settings  # noqa: E402
from airflow_provider_dzlineage.transfers.datazone_to_sqs import ReconcileDataZoneLineageOperator  # noqa: E402
from airflow_provider_dzlineage.transfers.dead_letters_to_sqs import RedriveDeadLettersOperator  # noqa: E402
from airflow_provider_dzlineage.transfers.sqs_to_datazone import SqsToDataZoneLineageOperator  # noqa: E402

QUEUE = {"queue_url", "dead_letter_queue_url", "region_name", "sqs_conn_id"}
DOMAIN = {"domain_id", "domain_region_name", "datazone_conn_id"}
FILTERS = {
    f"{verb}_{what}"
    for verb in ("include", "exclude")
    for what in ("jobs", "job_namespaces", "producers", "dataset_namespaces")
}
TEMPLATED = {
    SqsToDataZoneLineageOperator: QUEUE | DOMAIN | FILTERS | {"transforms", "redshift", "account_id", "namespaces"},
    ReconcileDataZoneLineageOperator: QUEUE | DOMAIN,
    RedriveDeadLettersOperator: QUEUE | {"ids", "reason", "error_code", "job", "namespace", "older_than", "newer_than"},
    DzLineageDoctorOperator: QUEUE | DOMAIN | {"endpoint_url"},
    DataZoneLineageEventSensor: DOMAIN | {"event_ids"},
}

each_class = pytest.mark.parametrize("operator", TEMPLATED, ids=lambda operator: operator.__name__)


def own_parameters(operator):
    parameters = inspect.signature(operator.__init__).parameters.values()
    return [each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]


@each_class
def test_what_has_a_template_is(operator):
    assert set(operator.template_fields) == TEMPLATED[operator]


@each_class
def test_each_parameter_is_explicit_and_documented_in_the_same_order(operator):
    documented = re.findall(r":param (\w+):", operator.__doc__)

    assert own_parameters(operator) == documented
    assert set(documented) >= {*operator.template_fields, *getattr(operator, "setting_names", ())}


@each_class
def test_the_documentation_says_what_is_templated(operator):
    lines = re.findall(r":param (\w+):((?:.|\n(?!    :param))*)", operator.__doc__)

    assert {name for name, text in lines if "(templated)" in text} == set(operator.template_fields)


def test_a_drain_takes_every_rule_and_every_setting_of_an_operator_is_one():
    assert set(RULES) < set(SqsToDataZoneLineageOperator.setting_names)
    for operator in TEMPLATED:
        assert set(getattr(operator, "setting_names", ())) <= Settings.__dataclass_fields__.keys()


@each_class
def test_arguments_are_attributes_and_templates_are_rendered(operator):
    required = {"event_ids": "{{ 1 }}"} if operator is DataZoneLineageEventSensor else {}
    task = operator(task_id="task", **required | dict.fromkeys(operator.template_fields, "{{ 6 * 7 }}"))

    task.render_template_fields({})

    assert {getattr(task, name) for name in operator.template_fields} == {"42"}


def test_a_rule_can_be_mapped():
    with compat.DAG("mapped", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc)) as dag:
        SqsToDataZoneLineageOperator.partial(task_id="drain", transforms=["glue"], merge="never").expand(
            queue_url=["{{ var.value.a }}", "{{ var.value.b }}"]
        )

    assert dag.task_ids == ["drain"]
