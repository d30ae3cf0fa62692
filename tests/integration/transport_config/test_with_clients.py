"""What is written for Python producers is what the real clients read, in each Airflow that is supported."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

from airflow_provider_dzlineage.cli import main
from airflow_provider_dzlineage.transport_config import (
    DataZone,
    Http,
    KeyFromVariable,
    KeyInClear,
    Sqs,
    airflow_cfg,
    airflow_variables,
    dbt_variables,
    hints,
    mwaa_options,
    openlineage_yml,
    openlineage_yml_variables,
)

# JSON would read it as a number too big.
KEY = "12e999"
OLDEST = {"mwaa_version": "2.10.3"}


def in_queue(queue):
    received = queue.receive(wait_seconds=0, visibility_seconds=60)
    received += queue.receive(wait_seconds=0, visibility_seconds=60)
    return sorted(json.loads(message.event())["job"]["name"] for message in received)


def in_catalog(client):
    items = client.list_lineage_events(domainIdentifier="dzd_local")["items"]
    events = (client.get_lineage_event(domainIdentifier="dzd_local", identifier=item["id"]) for item in items)
    return sorted(json.loads(event["event"].read())["job"]["name"] for event in events)


def as_shell_expands(variables):
    return {name: value.replace("${OPENLINEAGE_API_KEY}", KEY) for name, value in variables.items()}


def as_mwaa_sets(options):
    # Source: the entrypoint of aws/amazon-mwaa-docker-images, which takes them beside what the startup script exports.
    return {f"AIRFLOW__{name.upper().replace('.', '__')}": value for name, value in options.items()}


def test_over_http(python, emit, endpoint):
    by_reference = Http(url=f"{endpoint.url}/prod", api_key=KeyFromVariable())
    in_clear = Http(url=f"{endpoint.url}/api/v1/lineage", api_key=KeyInClear("in-clear"), gzip=False, timeout=4)
    secret = {"OPENLINEAGE_API_KEY": KEY}

    emit(
        python,
        {"name": "env", "airflow": True, "variables": airflow_variables(by_reference) | secret},
        {"name": "cfg", "airflow": True, "cfg": airflow_cfg(by_reference), "variables": secret},
        {"name": "mwaa", "airflow": True, "variables": as_mwaa_sets(mwaa_options(by_reference, **OLDEST)) | secret},
        {"name": "clear", "airflow": True, "variables": airflow_variables(in_clear)},
        {"name": "dbt", "variables": as_shell_expands(dbt_variables(by_reference))},
        {"name": "composite", "airflow": True, "cfg": airflow_cfg(in_clear, fallback_file="events.jsonl")},
        {"name": "yml", "yml": openlineage_yml(in_clear)},
    )

    got = {event["job"]["name"]: (path, headers) for path, headers, event in endpoint.requests}
    assert got.keys() == {"env", "cfg", "mwaa", "clear", "dbt", "composite", "yml"}
    assert {name: path for name, (path, _) in got.items()} == {
        **dict.fromkeys(["env", "cfg", "mwaa", "dbt"], "/prod/api/v1/lineage"),
        **dict.fromkeys(["clear", "composite", "yml"], "/api/v1/lineage"),
    }
    assert {got[name][1]["Authorization"] for name in ("env", "cfg", "mwaa", "dbt")} == {f"Bearer {KEY}"}
    assert {got[name][1]["Authorization"] for name in ("clear", "composite", "yml")} == {"Bearer in-clear"}
    assert {name for name, (_, headers) in got.items() if "Content-Encoding" in headers} == {
        "env",
        "cfg",
        "mwaa",
        "dbt",
    }


def test_into_the_queue(python, emit, make_queue):
    queue = make_queue()
    buffer = Sqs(queue_url=queue.url, region_name="us-east-1")

    emit(
        python,
        {"name": "env", "airflow": True, "variables": airflow_variables(buffer, domain_id="dzd_local")},
        {"name": "cfg", "airflow": True, "cfg": airflow_cfg(buffer, fallback_file="events.jsonl")},
        {"name": "mwaa", "airflow": True, "variables": as_mwaa_sets(mwaa_options(buffer, **OLDEST))},
        {"name": "dbt", "variables": dbt_variables(buffer)},
        {"name": "dbt composite", "variables": dbt_variables(buffer, fallback_file="events.jsonl")},
        {"name": "yml", "yml": openlineage_yml(buffer)},
    )

    assert in_queue(queue) == ["cfg", "dbt", "dbt composite", "env", "mwaa", "yml"]


def test_straight_into_datazone(python, emit, datazone_emulator, datazone_client):
    catalog = DataZone(domain_id="dzd_local", endpoint_url=datazone_emulator.endpoint_url)

    emit(
        python,
        {"name": "env", "airflow": True, "variables": airflow_variables(catalog)},
        {"name": "cfg", "airflow": True, "cfg": airflow_cfg(catalog, fallback_file="events.jsonl")},
        {"name": "mwaa", "airflow": True, "variables": as_mwaa_sets(mwaa_options(catalog, **OLDEST))},
        {"name": "dbt", "variables": dbt_variables(catalog)},
        {"name": "yml", "yml": openlineage_yml(catalog, fallback_file="events.jsonl")},
    )

    assert in_catalog(datazone_client) == ["cfg", "dbt", "env", "mwaa", "yml"]


def test_openlineages_own_transport_into_datazone(python, emit, datazone_emulator, datazone_client):
    if "2.10.3" in str(python):
        pytest.skip("the client of Amazon MWAA 2.10.3 has no amazon_datazone_api; mwaa_options says so")
    own = DataZone(domain_id="dzd_local", endpoint_url=datazone_emulator.endpoint_url, native=True)

    emit(
        python,
        {"name": "env", "airflow": True, "variables": airflow_variables(own)},
        {"name": "dbt", "variables": dbt_variables(own)},
        {"name": "dbt composite", "variables": dbt_variables(own, fallback_file="events.jsonl")},
        {"name": "yml", "yml": openlineage_yml(own)},
    )

    assert in_catalog(datazone_client) == ["dbt", "dbt composite", "env", "yml"]


def test_the_key_of_an_openlineage_yml_comes_from_a_variable(python, emit, endpoint):
    if "2.10.3" in str(python):
        pytest.skip("the client 1.23.0 reads the file or the variables, and does not merge them")
    destination = Http(url=endpoint.url, api_key=KeyFromVariable())
    for fallback_file in (None, "events.jsonl"):
        options = {"fallback_file": fallback_file}
        variables = as_shell_expands(openlineage_yml_variables(destination, **options))
        emit(python, {"name": "yml", "yml": openlineage_yml(destination, **options), "variables": variables})

    assert [headers["Authorization"] for _, headers, _ in endpoint.requests] == [f"Bearer {KEY}"] * 2


def test_the_file_takes_what_the_endpoint_does_not(python, emit, endpoint):
    endpoint.status = 503
    destination = Http(url=endpoint.url, api_key=KeyInClear("k"))

    folder = emit(
        python,
        {"name": "cfg", "airflow": True, "cfg": airflow_cfg(destination, fallback_file="events.jsonl")},
        {"name": "dbt", "variables": dbt_variables(destination, fallback_file="events.jsonl")},
    )

    kept = map(json.loads, (folder / "events.jsonl").read_text(encoding="utf-8").splitlines())
    assert [event["job"]["name"] for event in kept] == ["cfg", "dbt"]


def test_the_file_is_written_only_when_it_is_needed(emit, endpoint, python):
    folder = emit(
        python,
        {"name": "dbt", "variables": dbt_variables(Http(url=endpoint.url), fallback_file="events.jsonl")},
    )

    # The client of Amazon MWAA 2.10.3 writes to both.
    assert (folder / "events.jsonl").exists() == ("2.10.3" in str(python))
    assert len(endpoint.requests) == 1


def test_an_endpoint_that_hangs_leaves_time_for_the_file(python, emit, silent_endpoint):
    configuration = airflow_variables(Http(url=silent_endpoint), fallback_file="events.jsonl")

    # Airflow's ten seconds, and what its import takes.
    folder = emit(python, {"name": "slow", "airflow": True, "variables": configuration}, timeout=30)

    assert json.loads((folder / "events.jsonl").read_text(encoding="utf-8"))["job"]["name"] == "slow"


@pytest.fixture
def silent_endpoint():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_what_the_command_prints_works_in_a_shell(emit, endpoint, capsys, tmp_path):
    main(["config", "dbt", "--mode", "http", "--url", endpoint.url, "--fallback-file", "a b.jsonl"])
    lines = capsys.readouterr().out
    (tmp_path / "env.sh").write_text(f"{lines}env -0 | grep -z ^OPENLINEAGE__\n", encoding="utf-8")

    done = subprocess.run(
        ["sh", tmp_path / "env.sh"],
        env={"PATH": "/usr/bin:/bin", "OPENLINEAGE_API_KEY": KEY},
        capture_output=True,
        text=True,
        check=True,
    )

    emit(sys.executable, {"name": "sh", "variables": dict(each.split("=", 1) for each in done.stdout.split("\0")[:-1])})
    ((_, headers, event),) = endpoint.requests
    assert (headers["Authorization"], event["job"]["name"]) == (f"Bearer {KEY}", "sh")


def test_no_mistake_is_found_in_what_is_written():
    for destination in (
        Sqs(queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/q"),
        Http(url="https://lineage.example.com/prod", api_key=KeyFromVariable(), timeout=3),
        DataZone(domain_id="dzd_local", region_name="eu-west-1"),
        DataZone(domain_id="dzd_local", native=True),
    ):
        for fallback_file in (None, "events.jsonl"):
            options = {"fallback_file": fallback_file}
            assert hints(airflow_variables(destination, **options)) == []
            assert hints(airflow_cfg(destination, **options)) == []
            assert hints(dbt_variables(destination, **options)) == []
            assert hints(openlineage_yml(destination, **options)) == []
