import base64
import gzip
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.buffer.codec import GZIP_BASE64, MAX_DECODED_BYTES, decode, encode
from airflow_provider_dzlineage.errors import InvalidEventError

json_values = st.recursive(
    st.text() | st.integers() | st.booleans(), lambda some: st.lists(some) | st.dictionaries(st.text(), some)
)


@given(json_values, st.booleans())
def test_any_json_means_the_same_after_its_way(value, escaped):
    text = json.dumps(value, ensure_ascii=escaped)

    assert json.loads(decode(*encode(text))) == value


def test_small_text_travels_as_it_is():
    assert encode('{"name": "ñandú"}') == ('{"name": "ñandú"}', None)


@pytest.mark.parametrize("code_point", [0x00, 0x0B, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_characters_that_sqs_refuses_become_json_escapes(code_point):
    character = chr(code_point)

    text, encoding = encode(json.dumps(character, ensure_ascii=False))

    assert encoding is None
    assert text.isascii()
    assert json.loads(text) == character


def test_big_text_is_zipped_and_the_same_text_gives_the_same_message():
    big = json.dumps({"sql": "select 1 " * 30_000})

    first, second = encode(big), encode(big)

    assert first == second
    assert first[1] == GZIP_BASE64
    assert len(first[0]) < 10_000
    assert decode(*first).decode() == big


def test_the_size_counts_bytes_and_not_characters():
    assert encode('"' + "é" * 70_000 + '"')[1] == GZIP_BASE64


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
        decode(text, encoding)

    assert caught.value.reason == "undecodable"


def test_a_gzip_bomb_stays_folded():
    bomb = base64.b64encode(gzip.compress(bytes(MAX_DECODED_BYTES + 1))).decode()

    with pytest.raises(InvalidEventError, match="unfolds to more"):
        decode(bomb, GZIP_BASE64)
