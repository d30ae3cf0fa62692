"""What the sensor makes of its arguments and of the triggerer's event."""

from __future__ import annotations

import pytest

sensors = pytest.importorskip("airflow_provider_dzlineage.sensors.datazone_lineage_event")
from airflow_provider_dzlineage._compat import AirflowFailException  # noqa: E402
from airflow_provider_dzlineage.errors import CatalogError, ConfigurationError  # noqa: E402


def sensor(**arguments):
    return sensors.DataZoneLineageEventSensor(
        task_id="wait", **{"domain_id": "dzd_local", "poke_interval": 0.2, "timeout": 20, **arguments}
    )


def test_what_the_triggerer_has_seen_is_judged():
    waiting = sensor(event_ids=[])

    waiting.execute_complete({}, {"failed": [], "error": "", "code": ""})
    with pytest.raises(AirflowFailException, match="failed to process: a, b"):
        waiting.execute_complete({}, {"failed": ["a", "b"], "error": "", "code": ""})
    with pytest.raises(CatalogError, match="allow the action"):
        waiting.execute_complete({}, {"failed": [], "error": "allow the action", "code": "AccessDeniedException"})


@pytest.mark.parametrize(
    "text", ["00000000000001 00000000000002", "['00000000000001', '00000000000002']", "00000000000001,00000000000002"]
)
def test_ids_may_be_a_text(text):
    assert sensors.event_ids_of(text) == ["00000000000001", "00000000000002"]


@pytest.mark.parametrize("ids", ["short", [None], ["0000000000000A"], "None"])
def test_what_is_no_id_is_named(ids):
    with pytest.raises(ConfigurationError, match=r"'event_ids': .* is not an id"):
        sensor(event_ids=ids).execute({})


def test_without_a_domain_it_says_where_to_set_it():
    with pytest.raises(ConfigurationError, match="setting 'domain_id' is missing"):
        sensor(event_ids=["00000000000000"], domain_id=None).execute({})


def test_ids_and_domain_are_templated():
    assert set(sensors.DataZoneLineageEventSensor.template_fields) == {
        *("event_ids", "domain_id", "domain_region_name", "datazone_conn_id")
    }


def test_whether_it_defers_is_airflows_setting():
    assert sensor(event_ids=[]).deferrable is False
