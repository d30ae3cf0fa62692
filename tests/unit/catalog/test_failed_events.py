"""What a series of looks finds, whichever timestamp it is that DataZone filters by."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_dzlineage.catalog import failed_events
from airflow_provider_dzlineage.catalog.failed_events import (
    FIRST_LOOK_SECONDS,
    MAX_KNOWN,
    SETTLED_SECONDS,
    Memory,
    look_for_failed_events,
)

START = 1_800_000_000.0
HOUR = 3600.0
LOOK_EVERY = 300.0


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


def look(domain, memory, at_most=10**9):
    """Look once; return the ids that were handled, and the memory, which has gone through JSON."""
    found = look_for_failed_events(domain, memory, domain.now)
    handled = [event.id for event in found.due[:at_most]]
    value = json.loads(json.dumps(found.after(handled).to_dict()))
    return handled, Memory.from_dict(value, memory.domain_id)


def look_on(domain, seconds, memory=None, at_most=10**9, every=LOOK_EVERY):
    """Look every so often for so long; return how often each event was handled, and the memory."""
    memory = memory or Memory.first("dzd_x", domain.now)
    counts = Counter()
    end = domain.now + seconds
    while domain.now < end:
        handled, memory = look(domain, memory, at_most)
        counts.update(handled)
        domain.now += every
    return counts, memory


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
        Event("before_the_first_look", START - FIRST_LOOK_SECONDS + HOUR),
    ],
    ids=lambda event: event.id,
)
def test_an_event_that_fails_is_found_once(meaning, event):
    counts, _ = look_on(Domain(meaning, [event]), 20 * HOUR)

    assert counts == {event.id: 1}


@both_meanings
def test_an_event_that_was_sent_in_time_is_found_by_the_next_look(meaning):
    domain = Domain(meaning, [Event("e", START + HOUR, fails_after=60)])
    _, memory = look_on(domain, HOUR)

    counts, _ = look_on(domain, 2 * LOOK_EVERY, memory)

    assert counts == {"e": 1}


@both_meanings
def test_what_failed_long_before_the_first_look_stays_history(meaning):
    counts, _ = look_on(Domain(meaning, [Event("old", START - FIRST_LOOK_SECONDS - 1)]), 10 * HOUR)

    assert not counts


@both_meanings
@settings(max_examples=60, deadline=None)
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
        patch.setattr(failed_events, "MAX_KNOWN", room)
        patch.setattr(failed_events, "FEW_OLD", few)
        # given looks that do not get far, and memory for a few
        counts, memory = look_on(domain, 8 * HOUR, at_most=at_most, every=HOUR / 2)
        # what is remembered has a limit, but for events of one moment
        moments = Counter(event.created for event in domain.events if event.id in memory.known)
        assert len(memory.known) <= room + max(moments.values(), default=0)
        # when there is time for the rest
        rest, memory = look_on(domain, 4 * SETTLED_SECONDS, memory, every=HOUR / 2)

    assert counts + rest == Counter(event.id for event in domain.events)
    assert not memory.known


@both_meanings
def test_very_many_are_handled_a_part_at_a_time(meaning):
    events = [Event(f"{number:05}", START + HOUR + number) for number in range(4_000)]
    domain = Domain(meaning, events)

    # while they are fresh, as many as are remembered
    counts, memory = look_on(domain, 3 * HOUR, at_most=200)
    assert len(counts) == MAX_KNOWN
    assert len(json.dumps(memory.to_dict())) < 20_000
    # and once they are settled, all, at the pace of the looks
    rest, _ = look_on(domain, SETTLED_SECONDS + 6 * HOUR, memory, at_most=200)

    assert counts + rest == Counter(event.id for event in events)


@both_meanings
def test_a_look_that_fails_leaves_the_memory(meaning):
    class Broken(Domain):
        def list_events(self, **filters):
            yield from super().list_events(**filters)
            raise ConnectionError

    domain = Broken(meaning, [Event("e", START - HOUR)])
    with pytest.raises(ConnectionError):
        look(domain, Memory.first("dzd_x", START))

    assert look_on(Domain(meaning, domain.events), HOUR)[0] == {"e": 1}


@both_meanings
def test_much_that_is_old_is_listed_now_and_then_and_only_so_far(meaning, monkeypatch, caplog):
    monkeypatch.setattr(failed_events, "FEW_OLD", 10)
    monkeypatch.setattr(failed_events, "MAX_OLD", 100)
    domain = Domain(meaning, [Event(f"old{number}", START - number * HOUR) for number in range(48, 20 * 24)])

    look_on(domain, 24 * HOUR)

    assert len(domain.listed) == 2 * 288
    assert sum(domain.listed) <= 288 * 10 + 25 * 100
    assert "more than 100 old failed events" in caplog.text


@both_meanings
def test_an_event_that_was_sent_late_is_found_by_the_next_look_that_is_full(meaning, monkeypatch):
    monkeypatch.setattr(failed_events, "FEW_OLD", 10)
    history = [Event(f"old{number}", START - 48 * HOUR - number) for number in range(50)]
    domain = Domain(meaning, [*history, Event("late", START + HOUR, lag=1000 * HOUR)])

    counts, _ = look_on(domain, HOUR + failed_events.FULL_LOOK_SECONDS + 2 * LOOK_EVERY)

    assert counts == {"late": 1}


def test_a_clock_that_goes_back_does_not_lower_the_floor():
    domain = Domain("created", [])
    domain.now = START + 10 * HOUR
    _, memory = look(domain, Memory.first("dzd_x", domain.now))
    domain.now = START

    assert look(domain, memory)[1] == memory


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
def test_what_is_no_memory_of_the_domain_counts_as_none(value):
    assert Memory.from_dict(value, "dzd_x") is None
