"""A forwarder is killed at each step of a message's life, and the next one finishes the work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.lineage.raw_event import FORWARDING_DAG_ID
from airflow_provider_dzlineage.local.datazone import DataZoneEmulator, Faults
from tests.chaos.account import ACCEPTED, LOST, SKIPPED, TWICE, Account, Evidence, digest_of, out_of_order, take_account
from tests.chaos.evidence import accepted_events, by_event, taken_out
from tests.fixtures.waiting import eventually

PROGRAM = Path(__file__).parents[2] / "chaos" / "forwarding_process.py"
VISIBILITY_SECONDS = 2
_PATIENCE_SECONDS = 40
STEPS = [
    ("ReceiveMessage", "after", "1"),
    ("PostLineageEvent", "before", "1"),
    ("PostLineageEvent", "after", "1"),
    ("PostLineageEvent", "after", "7"),
    ("SendMessageBatch", "before", "1"),
    ("SendMessageBatch", "after", "1"),
    ("DeleteMessageBatch", "before", "1"),
    ("DeleteMessageBatch", "after", "1"),
    ("DeleteMessageBatch", "before", "2"),
]
OUTCOMES = {"accepted SUCCESS": 17, "dead letter not_json": 4, "dead letter refused": 1, "skipped": 4}


class Scene:
    """A queue with messages of every kind, and the forwarders that are let loose on it."""

    def __init__(self, queue: Queue, emulator: DataZoneEmulator, state: Path, sqs: Any, make_event: Any) -> None:
        self._queue = queue
        self._emulator = emulator
        self._state = state
        self._sqs = sqs
        # The digests of all events with what has to become of them; and in their order, those of each group.
        self._fates: dict[str, str] = {}
        self._groups: dict[str, list[str]] = defaultdict(list)
        entries = []
        for text, fate, group in _messages(make_event):
            digest = digest_of(text.encode())
            self._fates[digest] = fate
            self._groups[group].append(digest)
            entries.append(send_parameters(text, group=group if queue.is_fifo else None))
        assert list(queue.send(entries)) == []

    def forward_until_killed(self, step: tuple[str, str, str], *options: str) -> None:
        """Let a process drain the queue that kills itself at a step."""
        with self._forward("--die", *step, *options) as process:
            assert process.wait(_PATIENCE_SECONDS) == -signal.SIGKILL

    def forward_the_rest(self, *options: str) -> None:
        """Let a process that is not killed drain the queue, until all that was in flight has come back."""
        with self._forward("--follow", *options) as process:
            eventually(lambda: not self._queue.state().backlog, _PATIENCE_SECONDS)
            process.terminate()
            assert process.wait(_PATIENCE_SECONDS) == 0

    @contextmanager
    def _forward(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, str(PROGRAM), "--queue", self._queue.url, "--domain", self._emulator.domain_id]
        command += ["--visibility", str(VISIBILITY_SECONDS), *options]
        endpoints = {
            "AWS_ENDPOINT_URL_SQS": self._sqs.meta.endpoint_url,
            "AWS_ENDPOINT_URL_DATAZONE": self._emulator.endpoint_url,
        }
        with subprocess.Popen(command, env=os.environ | endpoints, stdout=subprocess.DEVNULL) as process:
            try:
                yield process
            finally:
                process.kill()

    def account(self) -> Account:
        """Return what became of every message."""
        _wait_until_processed(self._emulator)
        accepted = by_event((digest_of(body), status) for body, status in accepted_events(self._state))
        letters = taken_out(self._sqs, self._queue.dead_letter_queue().url)
        dead_letters = by_event((digest_of(body), reason) for body, reason in letters)
        queued = {digest_of(body) for body, _ in taken_out(self._sqs, self._queue.url)}
        assert not (self._queue.is_fifo and out_of_order(self._groups, accepted))
        return take_account(self._fates, Evidence(accepted, dead_letters, queued))


def _messages(make_event: Any) -> Iterator[tuple[str, str, str]]:
    """Yield messages, each with what has to become of it, and its group."""
    for number in range(4):
        run = str(uuid.uuid4())
        for event_type in ("START", "RUNNING", "COMPLETE"):
            yield json.dumps(make_event(f"job-{number}", eventType=event_type, run={"runId": run})), ACCEPTED, run
        yield f"not JSON {number}", "not_json", run
        yield json.dumps(make_event(f"job-{number}", eventType="OTHER", run={"runId": run})), ACCEPTED, run
        yield json.dumps(make_event(f"{FORWARDING_DAG_ID}.{number}", run={"runId": run})), SKIPPED, run
    yield json.dumps(make_event(producer="https://example.com/" + "x" * 140_000)), ACCEPTED, "big"
    yield json.dumps(make_event(job={"namespace": "tests", "name": "half a character \ud83d"})), "refused", "refused"


def _wait_until_processed(emulator: DataZoneEmulator) -> None:
    # It processes what is due before it answers.
    client = boto3.client("datazone", endpoint_url=emulator.endpoint_url)
    client.get_domain(identifier=emulator.domain_id)


@pytest.fixture
def make_scene(make_queue: Any, sqs: Any, make_event: Any, tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    state, faults = tmp_path / "datazone.sqlite", Faults(rate=float("inf"), processing_seconds=0)
    with DataZoneEmulator(state=state, faults=faults) as emulator:
        yield lambda *, fifo: Scene(make_queue(fifo=fifo, dead_letters=True), emulator, state, sqs, make_event)


@pytest.mark.parametrize("fifo", [False, True], ids=["standard", "fifo"])
@pytest.mark.parametrize("step", STEPS, ids=" ".join)
def test_nothing_is_lost_or_doubled_when_a_forwarder_is_killed(
    make_scene: Callable[..., Scene], step: tuple[str, str, str], fifo: bool
) -> None:
    scene = make_scene(fifo=fifo)

    scene.forward_until_killed(step)
    scene.forward_the_rest()

    account = scene.account()
    assert (account.wrong, account.outcomes) == ({}, OUTCOMES)
    assert not (fifo and account.written_again)


@pytest.mark.parametrize("fifo", [False, True], ids=["standard", "fifo"])
@pytest.mark.parametrize(
    "step", [("DeleteMessageBatch", "after", "1"), ("DeleteMessageBatch", "before", "2")], ids=" ".join
)
def test_nothing_is_lost_or_doubled_when_it_is_killed_while_sqs_carries_out_a_part_of_each_batch(
    make_scene: Callable[..., Scene], step: tuple[str, str, str], fifo: bool
) -> None:
    scene = make_scene(fifo=fifo)

    scene.forward_until_killed(step, "--partial", "0.5")
    scene.forward_the_rest("--partial", "0.3")

    account = scene.account()
    assert (account.wrong, account.outcomes) == ({}, OUTCOMES)


@pytest.mark.parametrize(
    ("flaw", "step", "complaint"),
    [
        ("deletes_what_it_receives", ("PostLineageEvent", "before", "1"), LOST),
        ("deletes_before_the_dead_letter", ("SendMessageBatch", "before", "1"), LOST),
        ("invents_tokens", ("PostLineageEvent", "after", "1"), TWICE),
    ],
)
def test_it_tells_of_a_forwarder_that(
    make_scene: Callable[..., Scene], flaw: str, step: tuple[str, str, str], complaint: str
) -> None:
    scene = make_scene(fifo=False)

    scene.forward_until_killed(step, "--flaw", flaw)
    scene.forward_the_rest("--flaw", flaw)

    assert complaint in scene.account().wrong
