import json

import pytest

from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.event import parse_run_event
from airflow_provider_dzlineage.lineage.size import MAX_EVENT_BYTES, check_size


def event_of(size, make_event):
    """An event of exactly so many bytes, with characters of more than one byte."""
    bare = json.dumps(make_event(job_name="é" * 1000 + "{}"), ensure_ascii=False)
    return parse_run_event(bare.replace("{}", "x" * (size - len(bare.encode()) + 2)).encode())


def test_the_limit_itself_is_taken(make_event):
    event = event_of(MAX_EVENT_BYTES, make_event)

    assert check_size(event) is event


def test_one_byte_more_is_refused_with_both_sizes(make_event):
    with pytest.raises(InvalidEventError, match="300,001 bytes, DataZone takes 300,000") as caught:
        check_size(event_of(MAX_EVENT_BYTES + 1, make_event))

    assert caught.value.reason == "too_large"
