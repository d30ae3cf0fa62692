"""Fixtures of the tests that run commands."""

from __future__ import annotations

import time

import pytest


@pytest.fixture
def wait_until_visible():
    """Wait until the messages that a killed program had in flight are visible again."""

    def wait(queue):
        name = "ApproximateNumberOfMessagesNotVisible"
        while queue.call("GetQueueAttributes", AttributeNames=[name])["Attributes"][name] != "0":
            time.sleep(0.05)

    return wait
