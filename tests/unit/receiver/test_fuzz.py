"""Real events, mutated: nothing is accepted that the forwarder cannot account for, and nothing fails."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.errors import NotARunEventError
from airflow_provider_dzlineage.lineage.event import parse_run_event
from airflow_provider_dzlineage.receiver.authentication import NoAuth
from airflow_provider_dzlineage.receiver.endpoint import Admission, Endpoint, EventBatch
from airflow_provider_dzlineage.receiver.http_messages import RequestHead
from airflow_provider_dzlineage.receiver.options import ReceiverOptions
from tests.fixtures.properties import examples

ENDPOINT = Endpoint(ReceiverOptions(auth="none"), NoAuth(), is_fifo=False)
HEADERS = (("content-type", "application/json"),)


def places(value, path=()):
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=6)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def answer_of(body, *, batch=False):
    """Take a body through the endpoint up to the queue, and return the answer and the messages."""
    path = "/api/v1/lineage/batch" if batch else "/api/v1/lineage"
    admission = ENDPOINT.admit(RequestHead("POST", path, HEADERS))
    assert isinstance(admission, Admission)
    events = ENDPOINT.read(admission, body)
    if not isinstance(events, EventBatch):
        return events, []
    return ENDPOINT.answer(events, [None] * len(events.messages)), events.messages


def check(body, *, batch=False):
    answer, messages = answer_of(body, batch=batch)
    assert answer.status < 500
    if answer.status >= 400:
        assert not messages
        assert json.loads(answer.body)["error"]
    for message in messages:
        response = {
            "MessageId": "",
            "ReceiptHandle": "",
            "Body": message["MessageBody"],
            "MessageAttributes": message.get("MessageAttributes", {}),
        }
        text = Message.from_response({**response, "Attributes": {}}).event()
        try:
            parse_run_event(text)
        except NotARunEventError:
            # The forwarder counts it as skipped.
            continue


@examples(3)
@given(st.data())
def test_a_mutated_event_is_taken_or_refused(corpus, data):
    event = json.loads(json.dumps(data.draw(st.sampled_from(corpus))))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from([path for path in places(event) if path]))
        holder = event
        for key in place[:-1]:
            holder = holder[key]
        if data.draw(st.booleans()):
            del holder[place[-1]]
        else:
            holder[place[-1]] = data.draw(values)

    body = json.dumps(event).encode()
    check(body)
    check(b"[" + body + b"," + body + b"]", batch=True)


@examples(2)
@given(st.data())
def test_mutated_bytes_are_taken_or_refused(corpus, data):
    body = bytearray(json.dumps(data.draw(st.sampled_from(corpus))).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))

    check(bytes(body))
    check(bytes(body), batch=True)


@given(st.binary(max_size=50))
def test_any_bytes_are_refused(body):
    check(body)
