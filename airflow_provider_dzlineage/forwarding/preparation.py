"""From a message to the event that is to be posted."""

from __future__ import annotations

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.forwarding.delivery import Result
from airflow_provider_dzlineage.forwarding.report import Outcome
from airflow_provider_dzlineage.lineage.event import RunEvent, parse_run_event
from airflow_provider_dzlineage.lineage.own_jobs import is_own_job
from airflow_provider_dzlineage.lineage.size import check_size


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
