"""A batcher that sends the messages of concurrent requests in full batches."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from airflow_provider_dzlineage.buffer.queue import MAX_BATCH_ENTRIES, pack
from airflow_provider_dzlineage.receiver.sending import UNAVAILABLE, Unsent

Send: TypeAlias = Callable[[Sequence[Mapping[str, Any]]], list[Unsent | None]]

# What a lone request waits for others. Much less than a call of SQS takes.
WAIT_SECONDS = 0.005
# A request that finds a call under way waits for its end, since each call costs the same; at most so long.
_BUSY_WAIT_SECONDS = 0.025


@dataclass(eq=False)
class _PendingRequest:
    """The messages of one request, and what became of each so far.

    :param left: how many have no outcome yet.
    :param arrived: when it came, on the loop's clock.
    :param deadline: when its outcome is due, on the same.
    """

    outcomes: list[Unsent | None]
    left: int
    arrived: float
    deadline: float
    done: asyncio.Future[list[Unsent | None]]
    broken_groups: set[str] = field(default_factory=set)


@dataclass(frozen=True, eq=False)
class _PendingMessage:
    request: _PendingRequest
    index: int
    message: Mapping[str, Any]
    queue: deque[_PendingMessage]


class Batcher:
    """Shares calls of SQS between requests. Lives in one event loop.

    :param send: sends one batch; is called in threads.
    :param senders: how many calls may be under way at the same time; one keeps the order.
    """

    def __init__(self, send: Send, senders: int) -> None:
        self._send = send
        self._senders = senders
        self._under_way = 0
        self._pool = ThreadPoolExecutor(senders, thread_name_prefix="send")
        # Requests that one call can carry need not wait for the many calls of others; they take turns at being first.
        self._short: deque[_PendingMessage] = deque()
        self._long: deque[_PendingMessage] = deque()
        self._queues = [self._short, self._long]
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        # In the order of their deadlines, nearly, and one timer for all: one for each costs as much as an answer.
        self._open: deque[_PendingRequest] = deque()
        self._deadline_timer: asyncio.TimerHandle | None = None
        self._calls: set[asyncio.Task[None]] = set()

    async def submit(self, messages: Sequence[Mapping[str, Any]], deadline: float) -> list[Unsent | None]:
        """Send messages together with those of others. What has not begun when it ends is not sent.

        :param messages: parameters of SendMessage.
        :param deadline: when to return, on the loop's clock. What SQS has not confirmed by then may be in the queue all
            the same; its sender repeats it, which draws the same graph.
        :return: for each, None when SQS has confirmed it, or why it has not.
        """
        if not messages:
            return []
        loop = asyncio.get_running_loop()
        request = _PendingRequest(
            [UNAVAILABLE] * len(messages), len(messages), loop.time(), deadline, loop.create_future()
        )
        queue = self._short if len(messages) <= MAX_BATCH_ENTRIES else self._long
        queue.extend(_PendingMessage(request, index, message, queue) for index, message in enumerate(messages))
        while self._open and self._open[0].done.done():
            self._open.popleft()
        self._open.append(request)
        if self._deadline_timer is None:
            self._deadline_timer = loop.call_at(deadline, self._end_overdue)
        self._dispatch()
        return await request.done

    def close(self) -> None:
        """End the threads; all requests have to be over."""
        self._pool.shutdown(wait=False)

    def _end_overdue(self) -> None:
        loop = asyncio.get_running_loop()
        self._deadline_timer = None
        while self._open and (self._open[0].done.done() or self._open[0].deadline <= loop.time()):
            request = self._open.popleft()
            if not request.done.done():
                request.done.set_result(list(request.outcomes))
        if self._open:
            self._deadline_timer = loop.call_at(self._open[0].deadline, self._end_overdue)

    def _dispatch(self) -> None:
        """Start calls as far as senders are idle: full ones at once, others when they have waited."""
        loop = asyncio.get_running_loop()
        while (self._short or self._long) and self._under_way < self._senders:
            start_at = self._start_at()
            if start_at > loop.time():
                self._set_timer(start_at)
                return
            batch = self._next_batch()
            if batch:
                self._under_way += 1
                call = loop.create_task(self._call(batch))
                self._calls.add(call)
                call.add_done_callback(self._calls.discard)

    def _start_at(self) -> float:
        """Return when the next call is to be started, on the loop's clock."""
        if len(self._short) + len(self._long) >= MAX_BATCH_ENTRIES:
            return 0.0
        return min(queue[0].request.arrived for queue in self._queues if queue) + (
            _BUSY_WAIT_SECONDS if self._under_way else WAIT_SECONDS
        )

    def _set_timer(self, moment: float) -> None:
        if self._timer and self._timer_at > moment:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer_at = moment
            self._timer = asyncio.get_running_loop().call_at(moment, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._dispatch()

    def _next_batch(self) -> list[_PendingMessage]:
        self._queues.reverse()
        candidates: list[_PendingMessage] = []
        for queue in self._queues:
            while queue and len(candidates) < MAX_BATCH_ENTRIES:
                item = queue.popleft()
                if item.request.done.done():
                    continue
                if item.message.get("MessageGroupId") in item.request.broken_groups:
                    _set_outcome(item, UNAVAILABLE)
                    continue
                candidates.append(item)
        if not candidates:
            return []
        size = len(next(pack(item.message for item in candidates)))
        for item in reversed(candidates[size:]):
            item.queue.appendleft(item)
        return candidates[:size]

    async def _call(self, batch: Sequence[_PendingMessage]) -> None:
        loop = asyncio.get_running_loop()
        try:
            outcomes = await loop.run_in_executor(self._pool, self._send, [item.message for item in batch])
        except Exception as error:
            # A bug must not leave a request without an answer, nor acknowledge it.
            outcomes = [UNAVAILABLE] * len(batch)
            loop.call_exception_handler({"message": f"sending failed: {type(error).__name__}"})
        for item, outcome in zip(batch, outcomes, strict=True):
            _set_outcome(item, outcome)
        self._under_way -= 1
        self._dispatch()


def _set_outcome(item: _PendingMessage, outcome: Unsent | None) -> None:
    request = item.request
    request.outcomes[item.index] = outcome
    request.left -= 1
    if outcome and "MessageGroupId" in item.message:
        request.broken_groups.add(item.message["MessageGroupId"])
    if not request.left and not request.done.done():
        request.done.set_result(request.outcomes)
