"""From a message to the event that is to be posted."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from pathlib import Path

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.errors import InvalidEventError, LookupFailedError, NotARunEventError
from airflow_provider_dzlineage.forwarding.publisher import Result
from airflow_provider_dzlineage.forwarding.report import Outcome
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES, RunEvent, encode, parse_run_event
from airflow_provider_dzlineage.lineage.merging import merge
from airflow_provider_dzlineage.lineage.pipeline import Rules
from airflow_provider_dzlineage.lineage.transform import Skip
from airflow_provider_dzlineage.lineage.trimming import fitted

log = logging.getLogger(__name__)


class Preparation:
    """Decodes, validates and repairs messages. Safe to share between threads.

    :param rules: the site's.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self.redact_text = rules.redact_text
        self._said: set[str] = set()

    def prepare(self, message: Message) -> RunEvent | Result:
        """Make an event of one message.

        :return: the event, not fitted yet; or what becomes of the message without a post.
        """
        try:
            event = parse_run_event(message.event())
            repaired = self._rules.apply(event.data, event.body)
            if isinstance(repaired, Skip):
                return Result(Outcome.SKIPPED, repaired.reason)
            return event if repaired is event.data else RunEvent(encode(repaired), repaired)
        except LookupFailedError as error:
            if str(error) not in self._said:
                self._said.add(str(error))
                log.warning("Messages stay in the queue: %s", error)
            return Result(Outcome.RELEASED, error.reason, str(error))
        except Exception as error:
            return _verdict(error, message)


def body_of(events: Sequence[RunEvent], message: Message) -> bytes | Result | None:
    """Return what is to be posted for events of one run.

    :param events: at least one.
    :param message: of the first of them.
    :return: UTF-8 JSON that DataZone takes; None when several do not fit into one post without a loss; what becomes of
        the message when its event does not fit at all.
    """
    # An event that is in hand twice is the same request as when it is there once.
    different = list({event.body: event for event in events}.values())
    try:
        if len(different) == 1:
            return fitted(different[0])
        body = encode(merge([event.data for event in different]))
        return body if len(body) <= MAX_EVENT_BYTES else None
    except Exception as error:
        return _verdict(error, message) if len(different) == 1 else None


def _verdict(error: Exception, message: Message) -> Result:
    if isinstance(error, NotARunEventError):
        return Result(Outcome.SKIPPED, error.reason)
    if isinstance(error, InvalidEventError):
        return Result(Outcome.DEAD_LETTERED, error.reason, error.detail)
    # One event must not keep all the others from being posted, not even by a mistake of ours.
    place = traceback.extract_tb(error.__traceback__)[-1]
    # Without the error's text, which may repeat something of the event.
    detail = f"{type(error).__name__} in {place.name}, line {place.lineno} of {Path(place.filename).name}"
    log.error("Message %s cannot be prepared: %s", message.id, detail)
    return Result(Outcome.DEAD_LETTERED, "unexpected_error", detail)
