"""Send messages while there is time, and say of each whether SQS has confirmed it."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, NoRegionError

from airflow_provider_dzlineage.aws import USER_AGENT
from airflow_provider_dzlineage.aws.arns import queue_region
from airflow_provider_dzlineage.buffer.batches import pack
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import ConfigurationError, QueueError, QueueUnavailableError, mask_urls
from airflow_provider_dzlineage.settings import Settings

log = logging.getLogger(__name__)

MAX_SENDERS = 4
_CONNECT_SECONDS = 1.0
_READ_SECONDS = 1.9
# A call that is begun so late and then takes all its time is still over within the four seconds of an answer.
_LAST_CALL_SECONDS = 0.9
# The time-outs of a client are for each wait: what comes one byte at a time, or a name that nobody resolves, outlasts
# them all.
_GIVE_UP_SECONDS = 3.0
# What is left of it for a request that had to wait for something else before.
_LEAST_SECONDS = 1.0
_BACKOFF_SECONDS = 0.1
_LOG_SECONDS = 10.0
# Source: BatchResultErrorEntry and the errors of SendMessage in the Amazon SQS API reference: what is in the message.
_PERMANENT_CODES = {"InvalidMessageContents", "BatchRequestTooLong"}


@dataclass(frozen=True)
class Unsent:
    """Why a message is not in the queue, as far as we know.

    :param reason: a short stable word.
    :param is_retriable: whether it may work in a moment.
    """

    reason: str
    is_retriable: bool = True


UNAVAILABLE = Unsent("buffer_unavailable")
_REFUSED = Unsent("refused_by_queue", is_retriable=False)


class Sender:
    """Sends to one queue. Safe to share between threads.

    :param queue: the buffer; its client ought to be that of :func:`queue_for_answers`.
    """

    def __init__(self, queue: Queue, now: Callable[[], float] = time.monotonic) -> None:
        self._queue = queue
        self._now = now
        self._quiet_until = 0.0
        self._log_lock = threading.Lock()

    @property
    def is_fifo(self) -> bool:
        """Whether the queue keeps order."""
        return self._queue.is_fifo

    def send(self, messages: Sequence[Mapping[str, Any]]) -> list[Unsent | None]:
        """Send messages in as few batches as fit; what fails in passing is repeated for a moment.

        After a failure on a FIFO queue, the later messages of its group are not sent either. No call is begun after a
        second, and a call that hangs ends by the client's time-outs.

        :param messages: parameters of SendMessage.
        :return: for each, None when SQS has confirmed it, or why it has not.
        """
        outcomes: list[Unsent | None] = []
        self._send_into(outcomes, messages)
        return outcomes

    def send_in_time(self, messages: Sequence[Mapping[str, Any]], spent: float = 0.0) -> list[Unsent | None]:
        """Send messages as :meth:`send` does, and return within three seconds, whatever SQS does.

        For callers without a loop of their own. What SQS has not confirmed by then may be in the queue all the same;
        its sender repeats it, which draws the same graph.

        :param spent: seconds that have gone by since the request came; they are taken off, down to one second.
        """
        outcomes: list[Unsent | None] = []
        worker = threading.Thread(target=self._send_quietly, args=(outcomes, messages), name="send", daemon=True)
        worker.start()
        worker.join(max(_GIVE_UP_SECONDS - spent, _LEAST_SECONDS))
        # The thread may go on; what it learns later is not told any more.
        known = outcomes[: len(messages)]
        return known + [UNAVAILABLE] * (len(messages) - len(known))

    def _send_quietly(self, outcomes: list[Unsent | None], messages: Sequence[Mapping[str, Any]]) -> None:
        try:
            self._send_into(outcomes, messages)
        except Exception as error:
            # Without its text, which may repeat something of the event.
            log.error("Sending failed: %s", type(error).__name__)

    def _send_into(self, outcomes: list[Unsent | None], messages: Sequence[Mapping[str, Any]]) -> None:
        last_call = self._now() + _LAST_CALL_SECONDS
        broken_groups: set[str] = set()
        for batch in pack(messages):
            held_back = {index for index, entry in enumerate(batch) if entry.get("MessageGroupId") in broken_groups}
            left = [index for index in range(len(batch)) if index not in held_back]
            unsent = dict.fromkeys(held_back, UNAVAILABLE) | self._send_batch(batch, left, last_call)
            outcomes += [unsent.get(index) for index in range(len(batch))]
            broken_groups |= {batch[index]["MessageGroupId"] for index in unsent if "MessageGroupId" in batch[index]}

    def _send_batch(self, batch: Sequence[Mapping[str, Any]], left: list[int], last_call: float) -> dict[int, Unsent]:
        backoff = _BACKOFF_SECONDS
        refused: dict[int, Unsent] = {}
        is_first = True
        while left and self._now() < last_call:
            if not is_first:
                time.sleep(random.uniform(backoff / 2, backoff))  # noqa: S311
                backoff *= 2
            is_first = False
            try:
                failed = {left[entry.index]: entry.code for entry in self._queue.send([batch[index] for index in left])}
            except QueueUnavailableError as error:
                self._log(error)
                continue
            except QueueError as error:
                self._log(error)
                break
            for code in sorted(set(failed.values())):
                self._log(f"SQS refused messages: {code}")
            refused |= {index: _REFUSED for index, code in failed.items() if code in _PERMANENT_CODES}
            left = [index for index in failed if index not in refused]
        return refused | dict.fromkeys(left, UNAVAILABLE)

    def _log(self, problem: object) -> None:
        """Log one line, not one for each of a thousand requests."""
        with self._log_lock:
            if self._now() >= self._quiet_until:
                self._quiet_until = self._now() + _LOG_SECONDS
                log.error("Events are not taken: %s", problem)


def queue_for_answers(settings: Settings) -> Queue:
    """Return the buffer that the settings name, with a client that answers or fails within three seconds.

    :raises ConfigurationError: when it is not known, or its Region.
    """
    (url,) = settings.required("queue_url")
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=MAX_SENDERS,
        # What is sent is of our own making, and a tenth of a call's time goes into checking it.
        parameter_validation=False,
        tcp_keepalive=True,
        user_agent=USER_AGENT,
    )
    region = settings.region_name or queue_region(url)
    try:
        client = botocore.session.get_session().create_client("sqs", region_name=region, config=config)
    except NoRegionError:
        raise ConfigurationError(
            "the Region is not known: set 'region_name', AWS_DEFAULT_REGION or the Region of the AWS profile"
        ) from None
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"no client for sqs: {mask_urls(str(error))}") from error
    return Queue(client, url)  # type: ignore[arg-type]  # botocore's own client has no types
