"""A request gets no more time than is left."""

from __future__ import annotations

import socket

import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import EndpointConnectionError

from airflow_provider_dzlineage.aws.deadline import Clock, Deadline, DeadlineExceededError
from airflow_provider_dzlineage.transports import signed_http
from airflow_provider_dzlineage.transports.signed_http import AddressError, retry, send


class StoppedClock(Clock):
    """A clock that moves by waiting only."""

    time = 0.0

    def now(self):
        return self.time

    def wait(self, waitable, seconds):
        self.time += seconds
        return False


@pytest.fixture
def timeouts(monkeypatch):
    """The time-outs that urllib3 is given: to connect to one address, and to read."""
    found = []

    class Session:
        def __init__(self, *, timeout, **_):
            found.append(timeout)

        def send(self, request):
            return request

        def close(self): ...

    monkeypatch.setattr(signed_http, "URLLib3Session", Session)
    return found


def send_with(seconds):
    request = AWSRequest(method="POST", url="http://sqs.example/", data=b"").prepare()
    return send(request, verify=True, proxies={}, deadline=Deadline(seconds, clock=StoppedClock()))


@pytest.mark.parametrize(("addresses", "expected"), [(1, (2.0, 3.0)), (4, (0.5, 3.0))])
def test_the_addresses_of_a_host_share_the_time_to_connect(monkeypatch, timeouts, addresses, expected):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [()] * addresses)

    send_with(5)

    assert timeouts == [expected]


def test_half_of_a_short_time_is_for_the_answer(monkeypatch, timeouts):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [()])

    send_with(1)

    assert timeouts == [(0.5, 0.5)]


def test_without_time_nothing_is_sent(monkeypatch, timeouts):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [()])

    with pytest.raises(DeadlineExceededError, match="took all the time"):
        send_with(0)

    assert timeouts == []


def test_a_host_without_an_address_is_named(monkeypatch, timeouts):
    def resolve(*_, **__):
        raise OSError("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    with pytest.raises(AddressError, match=r"address of sqs\.example: no such host"):
        send_with(5)


def test_retries_leave_time_for_the_last_attempt():
    clock, starts = StoppedClock(), []

    def attempt():
        starts.append(clock.now())
        raise EndpointConnectionError(endpoint_url="x")

    with pytest.raises(EndpointConnectionError):
        retry(Deadline(5, clock=clock), attempt, EndpointConnectionError)

    assert len(starts) > 3
    assert starts[-1] < 5 - 0.2
