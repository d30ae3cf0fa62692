"""Keys are read again while requests go on, and a slow source of keys delays none for long."""

from __future__ import annotations

import threading

import pytest

from airflow_provider_dzlineage.receiver.authentication import AuthenticationRefresher, Principal
from airflow_provider_dzlineage.receiver.aws_lambda import LambdaReceiver
from airflow_provider_dzlineage.receiver.endpoint import Endpoint
from airflow_provider_dzlineage.receiver.options import ReceiverOptions
from tests.fixtures.clocks import ManualClock

EVENT = {
    "requestContext": {"http": {"method": "POST"}},
    "rawPath": "/api/v1/lineage/batch",
    "headers": {"content-type": "application/json"},
    "body": "[]",
}


class Keys:
    """Lets everybody in; reading again ends when ``go`` is set."""

    def __init__(self):
        self.go = threading.Event()
        self.refreshed = 0

    def identify(self, head):
        return Principal("anybody")

    def refresh(self):
        self.refreshed += 1
        assert self.go.wait(20)


class RecordingSender:
    """Sends nothing, and keeps how much time was spent before."""

    is_fifo = False

    def send_in_time(self, messages, spent=0.0):
        self.spent = spent
        return [None] * len(messages)


@pytest.fixture
def keys():
    slow = Keys()
    yield slow
    slow.go.set()


def test_a_request_waits_a_second_for_keys_and_that_is_taken_off_the_time_to_send(keys):
    sender = RecordingSender()
    handler = LambdaReceiver(Endpoint(ReceiverOptions(), keys, is_fifo=False), sender, ManualClock())

    first, first_spent = handler(EVENT), sender.spent
    second, second_spent = handler(EVENT), sender.spent

    assert (first["statusCode"], second["statusCode"]) == (204, 204)
    assert first_spent == pytest.approx(1)
    # A request that finds keys being read neither waits nor reads them too.
    assert second_spent == 0
    assert keys.refreshed == 1


def test_keys_are_read_again_once_a_second():
    class QuickKeys(Keys):
        def refresh(self):
            self.refreshed += 1

    class SecondsClock(ManualClock):
        def wait(self, waitable, seconds):
            return waitable.wait(10)

    keys, clock = QuickKeys(), SecondsClock()
    refresher = AuthenticationRefresher(keys, clock)

    for moment in (10.0, 10.5, 11.0):
        clock.seconds = moment
        refresher.refresh_if_due()

    assert keys.refreshed == 2


def test_a_bug_while_reading_keys_is_logged_without_its_text(keys, caplog, monkeypatch):
    monkeypatch.setattr(keys, "refresh", lambda: {}["secret"])

    AuthenticationRefresher(keys).refresh_if_due()

    assert "KeyError" in caplog.text
    assert "secret" not in caplog.text
