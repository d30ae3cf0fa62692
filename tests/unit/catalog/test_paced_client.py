from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.catalog.paced_client import PacedCatalog
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import StopError, ThrottledError, UnavailableError


def error(code, status):
    response = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetDomain")


THROTTLED = error("ThrottlingException", 400)


class Client:
    """A boto3 client that answers with what it was given, in turn."""

    class meta:  # noqa: N801
        method_to_api_mapping = {"list_lineage_events": "ListLineageEvents", "get_domain": "GetDomain"}  # noqa: RUF012

    def __init__(self, *answers):
        self.answers = iter(answers)
        self.asked = []

    def get_domain(self, **parameters):
        return self.list_lineage_events(**parameters)

    def list_lineage_events(self, **parameters):
        self.asked.append(parameters)
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Time:
    """Time that passes by pausing only."""

    def __init__(self, seconds=1e9):
        self.now = 0.0
        self.seconds = seconds
        self.pauses = []

    def pause(self, seconds):
        self.pauses.append(seconds)
        self.now += max(0.0, min(seconds, self.seconds - self.now))


def patient(client, time, rate=1000):
    return PacedCatalog(
        Catalog(client, "dzd_x"),
        RateLimiter(rate),
        now=lambda: time.now,
        pause=time.pause,
        is_over=lambda: time.now >= time.seconds,
        jitter=lambda _, longest: longest,
    )


def test_what_may_pass_is_asked_again_with_growing_pauses():
    time, answer = Time(), {"portalUrl": "https://x"}
    failures = [THROTTLED, error("InternalServerException", 500), ReadTimeoutError(endpoint_url="https://x")] * 3
    catalog = patient(Client(*failures, answer), time)

    assert catalog.portal_url() == "https://x"
    assert (catalog.requests, catalog.throttled) == (10, 3)
    assert [pause for pause in time.pauses if pause >= 0.5] == [1, 2, 4, 8, 15, 15, 15, 15, 15]


def test_a_page_that_fails_is_asked_again_and_the_pages_before_are_not():
    client = Client({"items": [{"id": "a"}], "nextToken": "t"}, THROTTLED, {"items": [{"id": "b"}]})

    assert [item["id"] for item in patient(client, Time()).list_events()] == ["a", "b"]
    assert [parameters.get("nextToken") for parameters in client.asked] == [None, "t", "t"]


def test_requests_are_paced():
    time = Time()
    catalog = patient(Client({}, {}, {}), time, rate=10)

    for _ in range(3):
        catalog.portal_url()

    assert time.now == pytest.approx(0.2)


def test_a_throttle_slows_the_pace():
    time = Time()
    catalog = patient(Client(THROTTLED, {}, {}), time, rate=1)

    catalog.portal_url()
    before = time.now
    catalog.portal_url()

    assert time.now - before > 1.2


def test_when_the_time_is_up_the_last_answer_is_raised():
    with pytest.raises(ThrottledError):
        patient(Client(*[THROTTLED] * 100), Time(30)).portal_url()


def test_without_any_time_nothing_is_asked():
    client = Client()

    with pytest.raises(UnavailableError, match="no time is left"):
        patient(client, Time(0)).portal_url()
    assert client.asked == []


def test_what_lasts_is_raised_at_once():
    time = Time()

    with pytest.raises(StopError):
        patient(Client(error("AccessDeniedException", 403)), time).portal_url()
    assert time.now == 0
