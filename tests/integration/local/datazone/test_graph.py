"""Nodes and domains through unmodified boto3."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

DOMAIN = "dzd_local"


def test_datasets_are_linked_through_jobs(datazone_client, make_event, post):
    post(datazone_client, make_event())

    job = datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier="tests.load")
    source = datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier="s3://lake/raw/orders")

    assert [node["id"] for node in job["upstreamNodes"]] == [source["id"]]
    assert [node["id"] for node in source["downstreamNodes"]] == [job["id"]]
    again = datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier=job["downstreamNodes"][0]["id"])
    assert again["sourceIdentifier"] == "s3://lake/clean/orders"


def test_a_node_has_a_history_by_event_time(datazone_client, make_event, post):
    for day in (1, 3, 2):
        inputs = [] if day == 1 else [{"namespace": "s3://lake", "name": "raw"}]
        post(datazone_client, make_event(eventTime=f"2026-01-0{day}T00:00:00Z", inputs=inputs))

    def days(**filters):
        nodes = datazone_client.list_lineage_node_history(domainIdentifier=DOMAIN, identifier="tests.load", **filters)
        return [node["eventTimestamp"].day for node in nodes["nodes"]]

    assert days() == [3, 2, 1]
    assert days(sortOrder="ASCENDING") == [1, 2, 3]
    assert days(direction="UPSTREAM") == [3, 2]
    assert days(eventTimestampGTE=datetime(2026, 1, 2, tzinfo=timezone.utc)) == [3, 2]
    then = datazone_client.get_lineage_node(
        domainIdentifier=DOMAIN, identifier="tests.load", eventTimestamp=datetime(2026, 1, 1, tzinfo=timezone.utc)
    )
    assert then["upstreamNodes"] == []


def test_domains_can_be_made_found_and_listed(datazone_client):
    made = datazone_client.create_domain(name="sales", domainExecutionRole="arn:aws:iam::123456789012:role/execution")

    found = datazone_client.get_domain(identifier=made["id"])

    assert found["name"] == "sales"
    assert found["status"] == "AVAILABLE"
    assert found["portalUrl"].startswith("https://dzd-")
    assert {domain["id"] for domain in datazone_client.list_domains()["items"]} == {DOMAIN, made["id"]}


def test_the_whole_corpus_is_accepted_and_drawn(datazone_client, corpus, post):
    for event in corpus:
        post(datazone_client, event)

    pages = datazone_client.get_paginator("list_lineage_events").paginate(domainIdentifier=DOMAIN)
    statuses = [item["processingStatus"] for page in pages for item in page["items"]]
    assert statuses == ["SUCCESS"] * len(corpus)


def test_openlineages_own_datazone_transport_works_with_it(datazone_emulator, datazone_client):
    pytest.importorskip("openlineage.client.transport.amazon_datazone", reason="the client is too old for it")
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
    from openlineage.client.transport import get_default_factory

    transport = get_default_factory().create(
        {"type": "amazon_datazone_api", "domainId": DOMAIN, "endpointOverride": datazone_emulator.endpoint_url}
    )
    event = RunEvent(
        eventType=RunState.COMPLETE,
        eventTime="2026-01-02T03:04:05Z",
        run=Run(runId="0191c0de-0000-7000-8000-000000000001"),
        job=Job(namespace="tests", name="load"),
        producer="https://example.com",
    )

    OpenLineageClient(transport=transport).emit(event)

    assert datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier="tests.load")["name"] == "load"


def test_a_table_is_found_by_its_arn_with_all_its_slashes(datazone_client, make_event, post):
    host = "redshift://dw.123456789012.us-east-1.redshift.amazonaws.com:5439"
    post(datazone_client, make_event(outputs=[{"namespace": host, "name": "dev.public.orders #1 é"}]))
    arn = "arn:aws:redshift:us-east-1:123456789012:table/dw/dev/public/orders #1 é"

    node = datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier=arn)
    history = datazone_client.list_lineage_node_history(domainIdentifier=DOMAIN, identifier=arn)

    assert node["sourceIdentifier"] == arn
    assert [version["id"] for version in history["nodes"]] == [node["id"]]


def test_a_run_shows_the_datasets_of_that_run_alone(datazone_client, make_event, post):
    events = [make_event(inputs=[{"namespace": "s3://lake", "name": name}]) for name in ("a", "b")]
    for event in events:
        post(datazone_client, event)

    upstream = [
        datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier=f"tests.load/{event['run']['runId']}")
        for event in events
    ]

    for node, name in zip(upstream, "ab", strict=True):
        assert node["typeName"] == "amazon.datazone.JobRunLineageNodeType"
        (dataset,) = node["upstreamNodes"]
        found = datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier=dataset["id"])
        assert found["sourceIdentifier"] == f"s3://lake/{name}"


def test_columns_are_shown_in_a_form_of_their_dataset(datazone_client, make_event, post):
    source = {"namespace": "s3://lake", "name": "raw/orders", "field": "price"}
    columns = {"fields": {"total": {"inputFields": [source]}}}
    post(datazone_client, make_event(outputs=[{"namespace": "a", "name": "b", "facets": {"columnLineage": columns}}]))

    node = datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier="a/b")

    (form,) = [form for form in node["formsOutput"] if form["formName"] == "ColumnLineage"]
    assert json.loads(form["content"]) == columns


def test_no_more_neighbours_than_the_service_model_allows(datazone_client, make_event, post):
    post(datazone_client, make_event(inputs=[{"namespace": "s3://lake", "name": f"{n:03}"} for n in range(130)]))

    node = datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier="tests.load")

    assert len(node["upstreamNodes"]) == 100
