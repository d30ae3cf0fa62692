"""What became of every event, beside what had to become of it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

ACCEPTED = "accepted"
SKIPPED = "skipped"
LOST = "lost"
TWICE = "accepted more than once"
PROCESSING_FAILED = "processing_failed"
_MAX_EXAMPLES = 5


def digest_of(body: bytes) -> str:
    """Return what stands for an event in an account."""
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True)
class Evidence:
    """What is found at the end, each event by its digest.

    :param accepted: the statuses of the events that DataZone made of it, such as ``SUCCESS``.
    :param dead_letters: the reasons of its dead letters.
    :param queued: those that are still in the queue.
    """

    accepted: Mapping[str, list[str]]
    dead_letters: Mapping[str, list[str]]
    queued: set[str]


@dataclass
class Account:
    """The events counted by what became of them, and what is wrong."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    written_again: int = 0

    def complain(self, about: str, digest: str) -> None:
        """Note that something is wrong with an event."""
        self.wrong[about] += 1
        if len(self.examples[about]) < _MAX_EXAMPLES:
            self.examples[about].append(digest)


def take_account(sent: Mapping[str, str], evidence: Evidence) -> Account:
    """Compare.

    :param sent: the events by their digests, each with what had to become of it: ``accepted``, ``skipped``, or the
        reason of its dead letter.
    """
    account = Account()
    for digest, fate in sent.items():
        statuses = evidence.accepted.get(digest, [])
        reasons = evidence.dead_letters.get(digest, [])
        account.written_again += max(0, len(reasons) - 1)
        if len(statuses) > 1:
            account.complain(TWICE, digest)
        if digest in evidence.queued:
            account.outcomes["still queued"] += 1
            continue
        outcome = _outcome(statuses, reasons) or (SKIPPED if fate == SKIPPED else LOST)
        account.outcomes[outcome] += 1
        if outcome == LOST:
            account.complain(LOST, digest)
        elif outcome not in _fitting(fate):
            account.complain(f"{outcome}, not {fate}", digest)
    _look_for_strangers(account, sent, evidence)
    return account


def out_of_order(groups: Mapping[str, Sequence[str]], accepted: Iterable[str]) -> int:
    """Count the groups of which the events were not accepted in their order.

    :param groups: the events of each group as they were sent.
    :param accepted: events in the order in which they were first accepted.
    """
    place = {digest: number for number, digest in enumerate(accepted)}
    places = ([place[digest] for digest in group if digest in place] for group in groups.values())
    return sum(found != sorted(found) for found in places)


def _outcome(statuses: Iterable[str], reasons: Iterable[str]) -> str:
    accepted = [f"accepted {status}" for status in sorted(set(statuses))]
    dead_lettered = [f"dead letter {reason}" for reason in sorted(set(reasons))]
    return ", ".join([*accepted, *dead_lettered])


def _fitting(fate: str) -> tuple[str, ...]:
    if fate == ACCEPTED:
        return "accepted SUCCESS", f"accepted FAILED, dead letter {PROCESSING_FAILED}"
    return (SKIPPED if fate == SKIPPED else f"dead letter {fate}",)


def _look_for_strangers(account: Account, sent: Mapping[str, str], evidence: Evidence) -> None:
    for digest in {*evidence.accepted, *evidence.dead_letters, *evidence.queued} - sent.keys():
        account.complain("never sent", digest)
