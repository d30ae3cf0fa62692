"""From a message to the event that is to be posted."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.forwarding.delivery import Result
from airflow_provider_dzlineage.forwarding.report import Outcome
from airflow_provider_dzlineage.lineage.event import RunEvent, parse_run_event
from airflow_provider_dzlineage.lineage.own_jobs import is_own_job
from airflow_provider_dzlineage.lineage.size import check_size

log = logging.getLogger(__name__)


def prepare(message: Message) -> RunEvent | Result:
    """Decode and validate one message.

    :return: the event to post, or what becomes of the message without a post.
    """
    try:
        event = parse_run_event(message.event())
        if is_own_job(event.data):
            return Result(Outcome.SKIPPED, "own_job")
        return check_size(event)
    except InvalidEventError as error:
        return Result(Outcome.DEAD_LETTERED, error.reason, error.detail)
    except Exception as error:
        # One event must not keep all the others from being posted, not even by a mistake of ours.
        place = traceback.extract_tb(error.__traceback__)[-1]
        # Without the error's text, which may repeat something of the event.
        detail = f"{type(error).__name__} in {place.name}, line {place.lineno} of {Path(place.filename).name}"
        log.error("Message %s cannot be prepared: %s", message.id, detail)
        return Result(Outcome.DEAD_LETTERED, "unexpected_error", detail)
