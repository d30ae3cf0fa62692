import json
import random
import string

import pytest

from airflow_provider_dzlineage.buffer.codec import GZIP_BASE64
from airflow_provider_dzlineage.buffer.entry import MAX_MESSAGE_BYTES, entry_bytes, is_fifo, queue_entry
from airflow_provider_dzlineage.errors import InvalidEventError


def test_a_small_event_on_a_standard_queue_is_its_text_alone():
    assert queue_entry('{"a": 1}') == {"MessageBody": '{"a": 1}'}


def test_a_big_event_says_how_it_is_encoded():
    entry = queue_entry('"' + "a" * 200_000 + '"')

    assert entry["MessageAttributes"]["content_encoding"] == {"DataType": "String", "StringValue": GZIP_BASE64}


def test_the_same_event_has_the_same_deduplication_id_and_another_one_another():
    first, again, other = (queue_entry(text, group="run") for text in ("{}", "{}", "[]"))

    assert first == again
    assert first["MessageGroupId"] == "run"
    assert first["MessageDeduplicationId"] != other["MessageDeduplicationId"]


@pytest.mark.parametrize("group", ["", "with space", "ñ", "x" * 129])
def test_a_group_that_sqs_would_refuse_is_hashed(group):
    entry = queue_entry("{}", group=group)

    assert len(entry["MessageGroupId"]) == 64
    assert entry["MessageGroupId"].isalnum()


def test_what_sqs_cannot_carry_is_refused():
    noise = "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=2_000_000))

    with pytest.raises(InvalidEventError, match="SQS takes 1,048,576") as caught:
        queue_entry(f'"{noise}"')

    assert caught.value.reason == "too_large"


def test_a_run_event_that_sqs_cannot_carry_is_made_to_fit(make_event):
    event = make_event()
    noise = "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=20_000_000))
    event["run"]["facets"] = {"spark.logicalPlan": {"plan": noise}}

    entry = queue_entry(json.dumps(event))

    carried = json.loads(entry["MessageBody"])
    assert carried["run"]["facets"].keys() == {"dzlineage_fit"}
    assert {**carried, "run": event["run"]} == event


def test_the_size_of_an_entry_counts_attributes():
    plain = {"MessageBody": "é"}
    attributes = {"MessageAttributes": {"ab": {"DataType": "String", "StringValue": "xyz"}}}

    assert entry_bytes(plain) == 2
    assert entry_bytes(plain | attributes) == 2 + 2 + 6 + 3
    assert MAX_MESSAGE_BYTES == 1_048_576


def test_a_fifo_queue_is_known_by_its_name():
    assert is_fifo("https://sqs.us-east-1.amazonaws.com/123456789012/events.fifo")
    assert not is_fifo("https://sqs.us-east-1.amazonaws.com/123456789012/events")
