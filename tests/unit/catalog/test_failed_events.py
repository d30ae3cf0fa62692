"""What a series of scans finds, whichever timestamp it is that DataZone filters by."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.catalog import failed_events
from airflow_provider_dzlineage.catalog.failed_events import (
    FIRST_SCAN_SECONDS,
    MAX_HANDLED_IDS,
    SETTLED_SECONDS,
    Checkpoint,
    scan_failed_events,
)
from tests.fixtures.properties import examples

START = 1_800_000_000.0
HOUR = 3600.0
SCAN_EVERY = 300.0


@dataclass(frozen=True)
class Event:
    id: str
    created: float
    fails_after: float = 60.0
    lag: float = 10.0

    @property
    def event_time(self) -> float:
        return self.created - self.lag


class Domain:
    """What ListLineageEvents does, with one of the two meanings that its timestamp may have."""

    def __init__(self, meaning, events):
        self.meaning = meaning
        self.events = events
        self.now = START
        self.listed = []

    def list_events(self, **filters):
        assert filters.pop("processingStatus") == "FAILED"
        order = {"ASCENDING": 1, "DESCENDING": -1}[filters.pop("sortOrder")]
        since, until = (
            filters.pop(name).timestamp() if name in filters else default
            for name, default in (("timestampAfter", -math.inf), ("timestampBefore", math.inf))
        )
        assert not filters
        found = [
            event
            for event in self.events
            if event.created + event.fails_after <= self.now and since < getattr(event, self.meaning) < until
        ]
        self.listed.append(0)
        for event in sorted(found, key=lambda event: order * getattr(event, self.meaning)):
            self.listed[-1] += 1
            yield {"id": event.id, "createdAt": datetime.fromtimestamp(event.created, timezone.utc)}


def scan(domain, checkpoint, at_most=10**9):
    """Scan once; return the ids that were handled, and the checkpoint, which has gone through JSON."""
    found = scan_failed_events(domain, checkpoint, domain.now)
    handled = [event.id for event in found.due[:at_most]]
    value = json.loads(json.dumps(found.checkpoint_after(handled).to_dict()))
    return handled, Checkpoint.from_dict(value, checkpoint.domain_id)


def scan_for(domain, seconds, checkpoint=None, at_most=10**9, every=SCAN_EVERY):
    """Scan every so often for so long; return how often each event was handled, and the checkpoint."""
    checkpoint = checkpoint or Checkpoint.first("dzd_x", domain.now)
    counts = Counter()
    end = domain.now + seconds
    while domain.now < end:
        handled, checkpoint = scan(domain, checkpoint, at_most)
        counts.update(handled)
        domain.now += every
    return counts, checkpoint


both_meanings = pytest.mark.parametrize("meaning", ["created", "event_time"])


@both_meanings
@pytest.mark.parametrize(
    "event",
    [
        Event("at_once", START + HOUR, fails_after=0),
        Event("minutes_later", START + HOUR, fails_after=900),
        Event("hours_later", START + HOUR, fails_after=SETTLED_SECONDS),
        Event("sent_days_late", START + HOUR, lag=5 * 24 * HOUR),
        Event("sent_late_and_failed_late", START + HOUR, lag=20 * 365 * 24 * HOUR, fails_after=SETTLED_SECONDS / 2),
        Event("from_a_clock_that_is_ahead", START + HOUR, lag=-2 * HOUR),
        Event("before_the_first_scan", START - FIRST_SCAN_SECONDS + HOUR),
    ],
    ids=lambda event: event.id,
)
def test_an_event_that_fails_is_found_once(meaning, event):
    counts, _ = scan_for(Domain(meaning, [event]), 20 * HOUR)

    assert counts == {event.id: 1}


@both_meanings
def test_an_event_that_was_sent_in_time_is_found_by_the_next_scan(meaning):
    domain = Domain(meaning, [Event("e", START + HOUR, fails_after=60)])
    _, checkpoint = scan_for(domain, HOUR)

    counts, _ = scan_for(domain, 2 * SCAN_EVERY, checkpoint)

    assert counts == {"e": 1}


@both_meanings
def test_what_failed_long_before_the_first_scan_stays_history(meaning):
    counts, _ = scan_for(Domain(meaning, [Event("old", START - FIRST_SCAN_SECONDS - 1)]), 10 * HOUR)

    assert not counts


@both_meanings
@examples(0.6)
@given(
    events=st.lists(
        st.builds(
            dict,
            created=st.floats(0, 8 * HOUR),
            fails_after=st.floats(0, SETTLED_SECONDS),
            lag=st.one_of(st.floats(-HOUR, HOUR), st.floats(0, 20 * 365 * 24 * HOUR)),
        ),
        max_size=40,
    ),
    at_most=st.integers(0, 6),
    room=st.integers(1, 8),
    few=st.integers(1, 8),
)
def test_each_failed_event_is_handled_exactly_once_and_little_is_remembered(meaning, events, at_most, room, few):
    domain = Domain(
        meaning,
        [Event(str(number), **{**event, "created": START + event["created"]}) for number, event in enumerate(events)],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(failed_events, "MAX_HANDLED_IDS", room)
        patch.setattr(failed_events, "FEW_OLD", few)
        # given scans that do not get far, and room for a few ids
        counts, checkpoint = scan_for(domain, 8 * HOUR, at_most=at_most, every=HOUR / 2)
        # what is remembered has a limit, but for events of one moment
        moments = Counter(event.created for event in domain.events if event.id in checkpoint.handled_ids)
        assert len(checkpoint.handled_ids) <= room + max(moments.values(), default=0)
        # when there is time for the rest
        rest, checkpoint = scan_for(domain, 4 * SETTLED_SECONDS, checkpoint, every=HOUR / 2)

    assert counts + rest == Counter(event.id for event in domain.events)
    assert not checkpoint.handled_ids


@both_meanings
def test_very_many_are_handled_a_part_at_a_time(meaning):
    events = [Event(f"{number:05}", START + HOUR + number) for number in range(4_000)]
    domain = Domain(meaning, events)

    # while they are fresh, as many as are remembered
    counts, checkpoint = scan_for(domain, 3 * HOUR, at_most=200)
    assert len(counts) == MAX_HANDLED_IDS
    assert len(json.dumps(checkpoint.to_dict())) < 20_000
    # and once they are settled, all, as fast as the scans go
    rest, _ = scan_for(domain, SETTLED_SECONDS + 6 * HOUR, checkpoint, at_most=200)

    assert counts + rest == Counter(event.id for event in events)


@both_meanings
def test_a_scan_that_fails_leaves_the_checkpoint(meaning):
    class Broken(Domain):
        def list_events(self, **filters):
            yield from super().list_events(**filters)
            raise ConnectionError

    domain = Broken(meaning, [Event("e", START - HOUR)])
    with pytest.raises(ConnectionError):
        scan(domain, Checkpoint.first("dzd_x", START))

    assert scan_for(Domain(meaning, domain.events), HOUR)[0] == {"e": 1}


@both_meanings
def test_much_that_is_old_is_listed_now_and_then_and_only_so_far(meaning, monkeypatch, caplog):
    monkeypatch.setattr(failed_events, "FEW_OLD", 10)
    monkeypatch.setattr(failed_events, "MAX_OLD", 100)
    domain = Domain(meaning, [Event(f"old{number}", START - number * HOUR) for number in range(48, 20 * 24)])

    scan_for(domain, 24 * HOUR)

    assert len(domain.listed) == 2 * 288
    assert sum(domain.listed) <= 288 * 10 + 25 * 100
    assert "more than 100 old failed events" in caplog.text


@both_meanings
def test_an_event_that_was_sent_late_is_found_by_the_next_scan_that_is_full(meaning, monkeypatch):
    monkeypatch.setattr(failed_events, "FEW_OLD", 10)
    history = [Event(f"old{number}", START - 48 * HOUR - number) for number in range(50)]
    domain = Domain(meaning, [*history, Event("late", START + HOUR, lag=1000 * HOUR)])

    counts, _ = scan_for(domain, HOUR + failed_events.FULL_SCAN_SECONDS + 2 * SCAN_EVERY)

    assert counts == {"late": 1}


def test_a_clock_that_goes_back_does_not_lower_the_watermark():
    domain = Domain("created", [])
    domain.now = START + 10 * HOUR
    _, checkpoint = scan(domain, Checkpoint.first("dzd_x", domain.now))
    domain.now = START

    assert scan(domain, checkpoint)[1] == checkpoint


@pytest.mark.parametrize(
    "value",
    [
        None,
        "x",
        [],
        {},
        {"domain_id": "dzd_x", "floor": "1", "known": []},
        {"domain_id": "dzd_y", "floor": 1.0, "known": []},
    ],
)
def test_what_is_no_checkpoint_of_the_domain_counts_as_none(value):
    assert Checkpoint.from_dict(value, "dzd_x") is None
