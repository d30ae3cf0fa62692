import base64
import gzip
import json
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.buffer.codec import (
    GZIP_BASE64,
    MAX_DECODED_BYTES,
    MAX_MESSAGE_BYTES,
    decode_body,
    encode_body,
    entry_bytes,
    is_fifo,
    send_parameters,
)
from airflow_provider_dzlineage.errors import InvalidEventError

json_values = st.recursive(
    st.text() | st.integers() | st.booleans(), lambda some: st.lists(some) | st.dictionaries(st.text(), some)
)


@given(json_values, st.booleans())
def test_any_json_means_the_same_after_its_way(value, escaped):
    text = json.dumps(value, ensure_ascii=escaped)

    assert json.loads(decode_body(*encode_body(text))) == value


def test_small_text_travels_as_it_is():
    assert encode_body('{"name": "ñandú"}') == ('{"name": "ñandú"}', None)


@pytest.mark.parametrize("code_point", [0x00, 0x0B, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_characters_that_sqs_refuses_become_json_escapes(code_point):
    character = chr(code_point)

    text, encoding = encode_body(json.dumps(character, ensure_ascii=False))

    assert encoding is None
    assert text.isascii()
    assert json.loads(text) == character


def test_big_text_is_zipped_and_the_same_text_gives_the_same_message():
    big = json.dumps({"sql": "select 1 " * 30_000})

    first, second = encode_body(big), encode_body(big)

    assert first == second
    assert first[1] == GZIP_BASE64
    assert len(first[0]) < 10_000
    assert decode_body(*first).decode() == big


def test_the_size_counts_bytes_and_not_characters():
    assert encode_body('"' + "é" * 70_000 + '"')[1] == GZIP_BASE64


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("{}", "brotli"),
        ("not base64!", GZIP_BASE64),
        (base64.b64encode(b"not gzip").decode(), GZIP_BASE64),
        (base64.b64encode(gzip.compress(random.Random(1).randbytes(999), mtime=0)[:-20]).decode(), GZIP_BASE64),
    ],
)
def test_what_cannot_be_decoded_is_named(text, encoding):
    with pytest.raises(InvalidEventError) as caught:
        decode_body(text, encoding)

    assert caught.value.reason == "undecodable"


def test_a_gzip_bomb_stays_folded():
    bomb = base64.b64encode(gzip.compress(bytes(MAX_DECODED_BYTES + 1))).decode()

    with pytest.raises(InvalidEventError, match="unfolds to more"):
        decode_body(bomb, GZIP_BASE64)


def test_a_small_event_on_a_standard_queue_is_its_text_alone():
    assert send_parameters('{"a": 1}') == {"MessageBody": '{"a": 1}'}


def test_a_big_event_says_how_it_is_encoded():
    entry = send_parameters('"' + "a" * 200_000 + '"')

    assert entry["MessageAttributes"]["content_encoding"] == {"DataType": "String", "StringValue": GZIP_BASE64}


def test_the_same_event_has_the_same_deduplication_id_and_another_one_another():
    first, again, other = (send_parameters(text, group="run") for text in ("{}", "{}", "[]"))

    assert first == again
    assert first["MessageGroupId"] == "run"
    assert first["MessageDeduplicationId"] != other["MessageDeduplicationId"]


@pytest.mark.parametrize("group", ["", "with space", "ñ", "x" * 129])
def test_a_group_that_sqs_would_refuse_is_hashed(group):
    entry = send_parameters("{}", group=group)

    assert len(entry["MessageGroupId"]) == 64
    assert entry["MessageGroupId"].isalnum()


def test_what_sqs_cannot_carry_is_refused():
    noise = "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=2_000_000))

    with pytest.raises(InvalidEventError, match="SQS takes 1,048,576") as caught:
        send_parameters(f'"{noise}"')

    assert caught.value.reason == "too_large"


def test_a_run_event_that_sqs_cannot_carry_is_made_to_fit(make_event):
    event = make_event()
    noise = "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=20_000_000))
    event["run"]["facets"] = {"spark.logicalPlan": {"plan": noise}}

    entry = send_parameters(json.dumps(event))

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
