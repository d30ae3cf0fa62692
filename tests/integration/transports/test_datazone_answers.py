"""What the direct transport makes of each answer of DataZone."""

from __future__ import annotations

import json
import urllib.request

import pytest

from airflow_provider_dzlineage.catalog.client import client_token
from airflow_provider_dzlineage.errors import (
    CatalogError,
    RefusedError,
    StopError,
    ThrottledError,
    TransformFailedError,
    UnavailableError,
)

TAKEN = (200, {"id": "aaaaaaaaaaaaaa", "domainId": "dzd_local"})


@pytest.fixture
def answered(direct, answering, ol_event):
    """Emit an event to a DataZone that gives these answers; return the server."""

    def emit(*answers, **config):
        server, url = answering(*answers)
        try:
            direct(endpoint_url=url.removesuffix("/000000000000/q"), **config).emit(ol_event())
        finally:
            emit.server = server
        return server

    return emit


@pytest.fixture
def throttled(datazone_emulator):
    """Read how many requests the emulator has throttled."""

    def read():
        with urllib.request.urlopen(f"{datazone_emulator.endpoint_url}/_emulator/stats") as response:
            return json.load(response).get("throttled", 0)

    return read


def test_an_event_is_posted_once_under_the_token_of_its_bytes(direct, posted, ol_event):
    for _ in range(2):
        direct().emit(ol_event())

    (body,) = posted()
    assert b": " not in body
    assert len(client_token(body)) == 64


@pytest.mark.parametrize(
    "passing",
    [
        (429, {"__type": "ThrottlingException", "message": "slow down"}),
        (500, {"__type": "InternalServerException", "message": "oops"}),
        (503, b"<html>a load balancer</html>"),
        (502, {}),
        (404, b"[1]"),
    ],
)
def test_a_passing_failure_is_tried_again_under_the_same_token(answered, passing, lines):
    server = answered(passing, passing, TAKEN)

    assert server.calls == 3
    assert len({headers["Client-Token"] for headers in server.headers}) == 1
    assert lines() == []


def test_an_answer_without_an_id_is_a_success_too(answered, lines):
    assert answered((200, {})).calls == 1
    assert lines() == []


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (
            (403, {"__type": "AccessDeniedException", "message": "no"}),
            StopError,
            "allow the action datazone:PostLineageEvent on the domain to the role",
        ),
        ((404, {"__type": "ResourceNotFoundException", "message": "no"}), StopError, "check "),
        ((403, {"__type": "ExpiredTokenException", "message": "no"}), StopError, "renew the AWS credentials"),
        ((402, {"__type": "ServiceQuotaExceededException", "message": "no"}), StopError, "raise the quota"),
        ((400, {"__type": "ValidationException", "message": "run is odd"}), RefusedError, "run is odd"),
        ((413, b"too big"), RefusedError, "too big"),
        ((200, b"<html>a proxy</html>"), CatalogError, "does not confirm"),
        ((200, []), CatalogError, "does not confirm"),
    ],
)
def test_a_refusal_is_not_tried_again_and_says_what_to_fix(answered, answer, kind, says, lines):
    with pytest.raises(kind):
        answered(answer)

    assert answered.server.calls == 1
    (line,) = lines()
    assert "COMPLETE of tests.load, run 0191c0de-0000-7000-8000-000000000001" in line
    assert says in line
    assert "raw/orders" not in line


def test_a_throttle_that_lasts_is_raised_when_the_time_is_up(direct, posted, ol_event, set_faults, lines, in_time):
    set_faults(throttle=1)

    with pytest.raises(ThrottledError):
        in_time(lambda: direct(timeout=1).emit(ol_event()))

    assert "ThrottlingException" in lines()[0]
    assert posted() == []


def test_throttled_now_and_then_all_events_arrive(direct, posted, ol_event, set_faults):
    set_faults(throttle=0.4, server_error=0.2, seed=7)
    used = direct(timeout=20)

    for number in range(4):
        used.emit(ol_event(f"job-{number}"))

    assert len(posted()) == 4


def test_an_event_that_was_taken_without_an_answer_is_there_once(direct, posted, ol_event, set_faults):
    set_faults(time_out=0.5, time_out_seconds=0.1, seed=1)
    used = direct()

    for number in range(6):
        used.emit(ol_event(f"job-{number}"))

    assert sorted(json.loads(body)["job"]["name"] for body in posted()) == [f"job-{number}" for number in range(6)]


def test_one_process_keeps_below_the_quota(direct, posted, ol_event, set_faults, throttled):
    set_faults(rate=20)
    used, before = direct(), throttled()

    for number in range(30):
        used.emit(ol_event(f"job-{number}"))

    assert throttled() == before
    assert len(posted()) == 30


def test_a_message_of_several_lines_is_logged_as_one(answered, lines):
    with pytest.raises(UnavailableError):
        answered((400, {"__type": "Odd", "message": "one\ntwo"}), timeout=0.5)

    assert "one two" in lines()[0]


def test_a_name_that_no_log_can_hold_is_still_logged_in_one_line(direct, answering, ol_event, lines):
    _, url = answering((403, {"__type": "AccessDeniedException", "message": "no"}))

    with pytest.raises(StopError):
        direct(endpoint_url=url.removesuffix("/000000000000/q")).emit(ol_event("a\nb\udc00"))

    (line,) = lines()
    assert "tests.a b\\udc00" in line
    assert "\n" not in line


def boom(event):
    raise ValueError(f"{'x' * 480} password='hunter22'")


def test_the_message_of_a_transform_is_logged_without_secrets(direct, ol_event, lines):
    with pytest.raises(TransformFailedError, match="boom: ValueError: x"):
        direct(transforms=f"redact,{__name__}.boom").emit(ol_event())

    assert "hunter" not in lines()[0]
