from dataclasses import replace

import pytest

from airflow_provider_dzlineage.buffer.queue import QueueState
from airflow_provider_dzlineage.buffer.queue_settings import unsafe_settings

DAY = 24 * 3600
GOOD = QueueState(
    backlog=0, visibility_seconds=120, retention_seconds=14 * DAY, dead_letter_arn="arn", max_receives=1000
)


def test_good_settings_are_no_risk():
    assert list(unsafe_settings(GOOD, GOOD)) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"visibility_seconds": 5}, "visibility time-out is 5 s"),
        ({"retention_seconds": DAY - 1}, "retention is 86399 s"),
        ({"max_receives": 3}, "maxReceiveCount"),
    ],
)
def test_each_unsafe_setting_of_the_buffer_is_named(changes, words):
    (risk,) = unsafe_settings(replace(GOOD, **changes), GOOD)

    assert words in str(risk)


def test_a_missing_dead_letter_queue_is_named():
    (risk,) = unsafe_settings(GOOD, None)

    assert "There is no dead-letter queue" in str(risk)


def test_dead_letters_that_vanish_soon_are_named():
    (risk,) = unsafe_settings(GOOD, replace(GOOD, retention_seconds=60))

    assert "dead-letter queue's retention is 60 s" in str(risk)
