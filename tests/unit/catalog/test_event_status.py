from __future__ import annotations

import pytest

from airflow_provider_dzlineage.catalog.event_status import EventWatch
from airflow_provider_dzlineage.errors import StopError, ThrottledError
from tests.fixtures.clocks import ManualClock


class Domain:
    """Answers for each event with the next of its statuses, or raises it."""

    def __init__(self, **statuses):
        self.statuses = {event_id: iter(values) for event_id, values in statuses.items()}
        self.requests = []

    def get_event(self, event_id):
        self.requests.append(event_id)
        status = next(self.statuses[event_id])
        if isinstance(status, Exception):
            raise status
        return {"processingStatus": status}


def watch(domain, *event_ids, **arguments):
    return EventWatch(domain, event_ids or domain.statuses, 1000, **arguments)


def test_what_is_processed_is_not_requested_again():
    domain = Domain(a=["SUCCESS"], b=["REQUESTED", "PROCESSING", "SUCCESS"])
    watched = watch(domain)

    assert [watched.poll(), watched.poll(), watched.poll()] == [False, False, True]
    assert domain.requests == ["a", "b", "b", "b"]
    assert watched.failed == []


def test_a_failure_ends_the_watch_while_others_are_pending():
    watched = watch(Domain(a=["PROCESSING"], b=["FAILED"], c=["SUCCESS"]))

    assert watched.poll()
    assert (watched.failed, watched.pending) == (["b"], ["a"])


def test_after_a_throttle_the_next_poll_goes_on():
    domain = Domain(a=["SUCCESS"], b=[ThrottledError("x", "ThrottlingException"), "SUCCESS"], c=["SUCCESS"])
    watched = watch(domain)

    assert not watched.poll()
    assert watched.poll()
    assert domain.requests == ["a", "b", "b", "c"]


def test_an_error_that_lasts_is_raised():
    with pytest.raises(StopError):
        watch(Domain(a=[StopError("x", "AccessDeniedException")])).poll()


def test_an_event_that_is_named_twice_is_one_event_and_none_are_no_wait():
    domain = Domain(a=["SUCCESS"])

    assert watch(domain, "a", "a").poll()
    assert domain.requests == ["a"]
    assert EventWatch(domain, [], 1).poll()


def test_requests_keep_to_the_rate():
    clock = ManualClock()

    EventWatch(Domain(a=["SUCCESS"], b=["SUCCESS"], c=["SUCCESS"]), "abc", 10, clock=clock).poll()

    assert clock.waits == pytest.approx([0, 0.1, 0.1])
