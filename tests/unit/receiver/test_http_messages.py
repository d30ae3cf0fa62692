"""How a zipped body is unpacked: no further than it says, and it has to tell the truth."""

from __future__ import annotations

import gzip

import pytest

from airflow_provider_dzlineage.receiver import http_messages
from airflow_provider_dzlineage.receiver.http_messages import HttpAnswer, RequestHead, declared_size, decompress

ZIPPED = RequestHead("POST", "/", (("content-encoding", "gzip"),))
TEXT = b"[1, 2, 3]" * 1_000


def with_length(body, length):
    return body[:-4] + length.to_bytes(4, "little")


@pytest.mark.parametrize("text", [b"", b"1", TEXT])
@pytest.mark.parametrize("spare", [0, 1, 10_000])
def test_an_honest_body_is_unpacked(text, spare):
    body = gzip.compress(text)

    assert declared_size(body, ZIPPED) == len(text)
    assert decompress(body, ZIPPED, len(text) + spare) == text


def test_a_body_that_is_not_zipped_is_as_big_as_it_is():
    plain = RequestHead("POST", "/")

    assert declared_size(TEXT, plain) == len(TEXT)
    assert decompress(TEXT, plain, 10) == TEXT


@pytest.mark.parametrize("length", [0, 10, len(TEXT) - 1, len(TEXT) + 1, 2**32 - 1])
def test_a_body_that_does_not_say_the_truth_is_none(length):
    answer = decompress(with_length(gzip.compress(TEXT), length), ZIPPED, 1_000_000)

    assert isinstance(answer, HttpAnswer)
    assert answer.reason == "not_gzip"


def test_what_says_that_it_is_less_is_unpacked_no_further(monkeypatch):
    body = with_length(gzip.compress(b" " * 10_000_000), 100)
    unpacked = []

    class Watched:
        def __init__(self, unzip):
            self._unzip = unzip

        def decompress(self, data, limit):
            unpacked.append(limit)
            return self._unzip.decompress(data, limit)

        def __getattr__(self, name):
            return getattr(self._unzip, name)

    make = http_messages.zlib.decompressobj
    monkeypatch.setattr(http_messages.zlib, "decompressobj", lambda **options: Watched(make(**options)))

    assert decompress(body, ZIPPED, 16_000_000).reason == "not_gzip"
    assert unpacked == [101]


# Without a time in it, so that each worker of a parallel run collects the same tests.
_ZIPPED_TEXT = gzip.compress(TEXT, mtime=0)


@pytest.mark.parametrize("body", [b"", b"123", _ZIPPED_TEXT[:-3], _ZIPPED_TEXT[:20], b"{}" * 20])
def test_what_ends_too_early_or_is_no_gzip_is_told_so(body):
    assert decompress(body, ZIPPED, 1_000_000).reason == "not_gzip"


def test_what_is_too_big_is_told_so():
    answer = decompress(gzip.compress(TEXT), ZIPPED, len(TEXT) - 1)

    assert (answer.status, answer.reason) == (413, "too_large")
