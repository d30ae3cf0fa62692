"""Fixtures of the tests that run commands."""

from __future__ import annotations

import time

import pytest

from tests.fixtures.waiting import eventually


@pytest.fixture
def wait_until_visible():
    """Wait until the messages that a killed program had in flight are visible again."""

    def wait(queue):
        name = "ApproximateNumberOfMessagesNotVisible"
        eventually(lambda: queue.call("GetQueueAttributes", AttributeNames=[name])["Attributes"][name] == "0")

    return wait
