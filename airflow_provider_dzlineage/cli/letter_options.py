"""The flags of ``dzlineage dead-letters``, and what they mean."""

from __future__ import annotations

import argparse
from dataclasses import replace

from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter, age_seconds, check_choice
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue, find_dead_letter_queue
from airflow_provider_dzlineage.cli.clients import queue_of
from airflow_provider_dzlineage.cli.command import add_settings, positive_int
from airflow_provider_dzlineage.settings import Settings


def add_filters(parser: argparse.ArgumentParser, *, explicit: bool) -> None:
    """Give a command the flags that say which dead letters are meant.

    :param explicit: the command asks for a choice: ids, a filter, or ``--all``.
    """
    group = parser.add_argument_group("which dead letters (all that is said has to be true; GLOB takes *, ? and [abc])")
    if explicit:
        help_text = "message id, in the dead-letter queue or in the buffer"
        group.add_argument("ids", nargs="*", metavar="ID", help=help_text)
        group.add_argument("--all", action="store_true", help="every one; without ids and filters only")
    group.add_argument("--reason", metavar="GLOB", help="such as not_json, refused, processing_failed, redrive_policy")
    group.add_argument("--error-code", metavar="GLOB", help="error code of DataZone, such as ValidationException")
    group.add_argument("--job", metavar="GLOB", help="the job that sent it, <namespace>.<name>")
    group.add_argument("--namespace", metavar="GLOB", help="the namespace of that job")
    group.add_argument("--older-than", metavar="AGE", help="since the event was sent first: 90s, 30m, 2h, 1d, 2w")
    group.add_argument("--newer-than", metavar="AGE", help="the same, the other way round")
    group.add_argument("--limit", type=positive_int, metavar="N", help="at most so many")
    add_settings(parser, "dead_letter_queue_url", "queue_url", "region_name")


def filter_of(arguments: argparse.Namespace) -> DlqFilter:
    """Return which dead letters the flags mean.

    :raises ConfigurationError: when the command asks for a choice and there is none, or two.
    """
    wanted = DlqFilter(
        ids=frozenset(getattr(arguments, "ids", ())) or None,
        reason=arguments.reason,
        error_code=arguments.error_code,
        job=arguments.job,
        namespace=arguments.namespace,
        older_than=arguments.older_than and age_seconds(arguments.older_than),
        newer_than=arguments.newer_than and age_seconds(arguments.newer_than),
    )
    if "all" in arguments:
        check_choice(wanted, everything=arguments.all)
    return wanted


def letters_of(settings: Settings) -> DeadLetterQueue:
    """Return the dead-letter queue that the settings name.

    :raises ConfigurationError: when they name none, and neither does the buffer's redrive policy.
    """
    url = settings.dead_letter_queue_url
    queue = queue_of(replace(settings, queue_url=settings.queue_url or url))
    return find_dead_letter_queue(queue, url)
