"""Collect the messages of concurrent requests into full batches."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from airflow_provider_dzlineage.buffer.batches import MAX_BATCH_ENTRIES, pack
from airflow_provider_dzlineage.receiver.sending import UNAVAILABLE, Unsent

Send: TypeAlias = Callable[[Sequence[Mapping[str, Any]]], list[Unsent | None]]

# What a lone request waits for company. Much less than a call of SQS takes.
WAIT_SECONDS = 0.005
# Who finds a call under way waits for its end, since each call costs the same; only so long if it does not end.
_PATIENCE_SECONDS = 0.025


@dataclass(eq=False)
class _Request:
    """The messages of one request, and what became of each so far.

    :param since: when it came, on the loop's clock.
    :param give_up: when its outcome is due, on the same.
    """

    outcomes: list[Unsent | None]
    left: int
    since: float
    give_up: float
    done: asyncio.Future[list[Unsent | None]]
    broken_groups: set[str] = field(default_factory=set)


@dataclass(frozen=True, eq=False)
class _Item:
    request: _Request
    index: int
    message: Mapping[str, Any]
    lane: deque[_Item]


class Batcher:
    """Shares calls of SQS among requests. Lives in one event loop.

    :param send: sends one batch; is called in threads.
    :param senders: how many calls may be under way at the same time; one keeps the order.
    """

    def __init__(self, send: Send, senders: int) -> None:
        self._send = send
        self._senders = senders
        self._under_way = 0
        self._pool = ThreadPoolExecutor(senders, thread_name_prefix="send")
        # Requests that one call can carry need not wait for the many calls of others; they take turns at being first.
        self._short: deque[_Item] = deque()
        self._long: deque[_Item] = deque()
        self._lanes = [self._short, self._long]
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        # In the order in which they give up, nearly, and one timer for all: one for each costs as much as an answer.
        self._open: deque[_Request] = deque()
        self._give_up_timer: asyncio.TimerHandle | None = None
        self._calls: set[asyncio.Task[None]] = set()

    async def submit(self, messages: Sequence[Mapping[str, Any]], give_up: float) -> list[Unsent | None]:
        """Send messages together with those of others. One that is cancelled is not sent if that has not begun.

        :param messages: parameters of SendMessage.
        :param give_up: when to return, on the loop's clock. What SQS has not confirmed by then may be in the queue all
            the same; its sender repeats it, which draws the same graph.
        :return: for each, None when SQS has confirmed it, or why it has not.
        """
        if not messages:
            return []
        loop = asyncio.get_running_loop()
        request = _Request([UNAVAILABLE] * len(messages), len(messages), loop.time(), give_up, loop.create_future())
        lane = self._short if len(messages) <= MAX_BATCH_ENTRIES else self._long
        lane.extend(_Item(request, index, message, lane) for index, message in enumerate(messages))
        while self._open and self._open[0].done.done():
            self._open.popleft()
        self._open.append(request)
        if self._give_up_timer is None:
            self._give_up_timer = loop.call_at(give_up, self._give_up)
        self._dispatch()
        return await request.done

    def close(self) -> None:
        """End the threads; all requests have to be over."""
        self._pool.shutdown(wait=False)

    def _give_up(self) -> None:
        loop = asyncio.get_running_loop()
        self._give_up_timer = None
        while self._open and (self._open[0].done.done() or self._open[0].give_up <= loop.time()):
            request = self._open.popleft()
            if not request.done.done():
                request.done.set_result(list(request.outcomes))
        if self._open:
            self._give_up_timer = loop.call_at(self._open[0].give_up, self._give_up)

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
        return min(lane[0].request.since for lane in self._lanes if lane) + (
            _PATIENCE_SECONDS if self._under_way else WAIT_SECONDS
        )

    def _set_timer(self, moment: float) -> None:
        if self._timer and self._timer_at > moment:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer_at = moment
            self._timer = asyncio.get_running_loop().call_at(moment, self._is_time)

    def _is_time(self) -> None:
        self._timer = None
        self._dispatch()

    def _next_batch(self) -> list[_Item]:
        self._lanes.reverse()
        wanted: list[_Item] = []
        for lane in self._lanes:
            while lane and len(wanted) < MAX_BATCH_ENTRIES:
                item = lane.popleft()
                if item.request.done.done():
                    continue
                if item.message.get("MessageGroupId") in item.request.broken_groups:
                    _settle(item, UNAVAILABLE)
                    continue
                wanted.append(item)
        if not wanted:
            return []
        fitting = len(next(pack(item.message for item in wanted)))
        for item in reversed(wanted[fitting:]):
            item.lane.appendleft(item)
        return wanted[:fitting]

    async def _call(self, batch: Sequence[_Item]) -> None:
        loop = asyncio.get_running_loop()
        try:
            outcomes = await loop.run_in_executor(self._pool, self._send, [item.message for item in batch])
        except Exception as error:
            # A mistake of ours must not leave a request without an answer, nor tell it that all is well.
            outcomes = [UNAVAILABLE] * len(batch)
            loop.call_exception_handler({"message": f"sending failed: {type(error).__name__}"})
        for item, outcome in zip(batch, outcomes, strict=True):
            _settle(item, outcome)
        self._under_way -= 1
        self._dispatch()


def _settle(item: _Item, outcome: Unsent | None) -> None:
    request = item.request
    request.outcomes[item.index] = outcome
    request.left -= 1
    if outcome and "MessageGroupId" in item.message:
        request.broken_groups.add(item.message["MessageGroupId"])
    if not request.left and not request.done.done():
        request.done.set_result(request.outcomes)
