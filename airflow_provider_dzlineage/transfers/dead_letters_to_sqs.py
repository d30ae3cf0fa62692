"""Move dead letters back into the Amazon SQS queue that buffers the events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage.operators.base import RETURN_VALUE, BufferOperator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter


class RedriveDeadLettersOperator(BufferOperator):
    """Send dead letters through the buffer again; the next drain posts them.

    A letter is meant when all that is said of it is true. Those that would meet the same reason again (``not_json``,
    ``undecodable``, ``not_an_event``, ``too_large``) stay, unless ``reason``, ``ids`` or
    ``everything`` asks for them. The first four arguments are settings and may be left out: then the ``[dzlineage]``
    section of the Airflow configuration, the environment and the default follow, in this order.

    :param queue_url: URL of the SQS queue that buffers the events. (templated)
    :param dead_letter_queue_url: URL of the dead-letter queue. (templated)
    :param region_name: AWS Region of both. (templated)
    :param sqs_conn_id: Airflow connection for both.
    :param ids: Message ids, in the dead-letter queue or in the buffer. (templated)
    :param reason: Glob on the reason. (templated)
    :param error_code: Glob on DataZone's error code. (templated)
    :param job: Glob on the job that sent it, ``<namespace>.<name>``. (templated)
    :param namespace: Glob on the namespace of that job. (templated)
    :param older_than: Age since the event was sent first, such as ``30m``, ``2h`` or ``1d``. (templated)
    :param newer_than: The same, the other way round. (templated)
    :param everything: Every dead letter is meant; has to be said when nothing else is.
    :param limit: At most so many.
    :param dry_run: Only count.
    """

    template_fields: Sequence[str] = (
        *BufferOperator.template_fields,
        "ids",
        "reason",
        "error_code",
        "job",
        "namespace",
        "older_than",
        "newer_than",
    )
    ui_color = "#fff2cc"

    def __init__(
        self,
        *,
        ids: Sequence[str] | None = None,
        reason: str | None = None,
        error_code: str | None = None,
        job: str | None = None,
        namespace: str | None = None,
        older_than: str | None = None,
        newer_than: str | None = None,
        everything: bool = False,
        limit: int | None = None,
        dry_run: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ids = ids
        self.reason = reason
        self.error_code = error_code
        self.job = job
        self.namespace = namespace
        self.older_than = older_than
        self.newer_than = newer_than
        self.everything = everything
        self.limit = limit
        self._dry_run = dry_run

    def execute(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Redrive once and return the report."""
        # Imported here, or every parse of a DAG file would pay for boto3.
        from airflow_provider_dzlineage.buffer.dead_letter_queue import dead_letter_queue_of
        from airflow_provider_dzlineage.buffer.redrive import Redrive

        settings = self._settings()
        wanted = self._wanted()
        buffer = self._buffer(settings)
        letters = dead_letter_queue_of(buffer, settings.dead_letter_queue_url)
        redrive = Redrive(
            letters, buffer, wanted, limit=self.limit, dry_run=self._dry_run, stop=self._stop_when_killed()
        )
        try:
            redrive.run()
        except BaseException:
            # A task that fails returns nothing, and its report is wanted most.
            context["ti"].xcom_push(key=RETURN_VALUE, value=redrive.report().to_dict())
            raise
        finally:
            self.log.info(redrive.report().line())
        return redrive.report().to_dict()

    def _wanted(self) -> DlqFilter:
        from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter, age_seconds

        wanted = DlqFilter(
            ids=frozenset(self.ids) if self.ids else None,
            reason=self.reason or None,
            error_code=self.error_code or None,
            job=self.job or None,
            namespace=self.namespace or None,
            older_than=age_seconds(self.older_than) if self.older_than else None,
            newer_than=age_seconds(self.newer_than) if self.newer_than else None,
        )
        wanted.check_explicit(everything=self.everything)
        return wanted
