import json

import pytest

from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter, age_seconds
from airflow_provider_dzlineage.buffer.dead_letter_queue import DlqMessage
from airflow_provider_dzlineage.errors import ConfigurationError

NOW = 1_800_000_000.0
HOUR = 3600


@pytest.fixture
def dlq_message(make_event):
    """Build a DLQ message as SQS would deliver it."""

    def dlq_message(*, age=HOUR, body=None, **attributes):
        return DlqMessage.from_response(
            {
                "MessageId": "dead-1",
                "ReceiptHandle": "handle",
                "Body": json.dumps(make_event()) if body is None else body,
                "Attributes": {"SentTimestamp": str(int((NOW - age) * 1000))},
                "MessageAttributes": {
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            },
            received_at=0,
        )

    return dlq_message


REFUSED = {"reason": "refused", "error_code": "ValidationException", "job": "tests.load", "message_id": "first-1"}


@pytest.mark.parametrize(
    "criteria",
    [
        {},
        {"reason": "ref*"},
        {"error_code": "Validation*"},
        {"job": "tests.*"},
        {"namespace": "te?ts"},
        {"ids": frozenset({"dead-1"})},
        {"ids": frozenset({"first-1", "another"})},
        {"older_than": HOUR},
        {"newer_than": HOUR},
        {"reason": "refused", "job": "*.load", "older_than": 60, "newer_than": 2 * HOUR},
    ],
    ids=lambda criteria: " ".join(criteria),
)
def test_a_dead_letter_that_meets_all_criteria_matches(dlq_message, criteria):
    assert DlqFilter(**criteria).matches(dlq_message(**REFUSED), NOW)


@pytest.mark.parametrize(
    "criteria",
    [
        {"reason": "REFUSED"},
        {"reason": "not_json"},
        {"error_code": ""},
        {"job": "tests"},
        {"namespace": "load"},
        {"ids": frozenset({"dead"})},
        {"older_than": HOUR + 1},
        {"newer_than": HOUR - 1},
        {"reason": "refused", "job": "other.*"},
    ],
    ids=lambda criteria: " ".join(criteria),
)
def test_a_dead_letter_that_does_not_meet_all_criteria_does_not_match(dlq_message, criteria):
    assert not DlqFilter(**criteria).matches(dlq_message(**REFUSED), NOW)


def test_the_age_is_that_of_the_event_and_not_of_the_dead_letter(dlq_message):
    old = dlq_message(age=60, sent_at=str(int((NOW - 5 * HOUR) * 1000)))

    assert DlqFilter(older_than=4 * HOUR).matches(old, NOW)


def test_what_sqs_moved_itself_has_a_reason_and_its_job(dlq_message):
    moved = dlq_message()

    assert (moved.reason, moved.job) == ("redrive_policy", "tests.load")
    assert DlqFilter(reason="redrive_policy", job="tests.load").matches(moved, NOW)


@pytest.mark.parametrize("body", ["no JSON", "[]", '{"job": 1}', '{"job": {"namespace": null}}', "[" * 100_000])
def test_a_body_without_a_namespace_matches_no_namespace(dlq_message, body):
    assert not DlqFilter(namespace="?*s").matches(dlq_message(body=body), NOW)
    assert DlqFilter(reason="redrive_policy").matches(dlq_message(body=body), NOW)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1.5h", 5400), (" 30m ", 1800), ("1d", 86_400), ("2w", 1_209_600)]
)
def test_an_age_is_read(text, seconds):
    assert age_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "2 hours", "-1h", "1h30m"])
def test_what_is_no_age_is_told_with_examples(text):
    with pytest.raises(ConfigurationError, match="'30m'"):
        age_seconds(text)


def test_only_a_filter_without_criteria_is_empty():
    assert DlqFilter().is_empty
    assert not DlqFilter(newer_than=0).is_empty
