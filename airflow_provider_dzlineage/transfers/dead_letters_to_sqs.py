"""Move dead letters back into the Amazon SQS queue that buffers the events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage.operators.base import QUEUE_SETTINGS, LineageOperator, push_report_of_failure

if TYPE_CHECKING:
    from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter


class RedriveDeadLettersOperator(LineageOperator):
    """Send dead letters through the buffer again, where the next drain posts them; return the report.

    The filters are combined: a dead letter is sent when it matches each. Those that would fail for the same reason
    again (``not_json``, ``undecodable``, ``not_an_event``, ``too_large``) stay, unless ``reason``, ``ids`` or
    ``everything`` selects them. The first four arguments are settings and may be left out: then the ``[dzlineage]``
    section of the Airflow configuration, the environment and the default follow, in this order.

    :param queue_url: URL of the SQS queue that buffers the events. (templated)
    :param dead_letter_queue_url: URL of the dead-letter queue. (templated)
    :param region_name: AWS Region of both. (templated)
    :param sqs_conn_id: Airflow connection for both. (templated)
    :param ids: Message ids, in the dead-letter queue or in the buffer. (templated)
    :param reason: Glob on the reason. (templated)
    :param error_code: Glob on DataZone's error code. (templated)
    :param job: Glob on the job that sent it, ``<namespace>.<name>``. (templated)
    :param namespace: Glob on the namespace of that job. (templated)
    :param older_than: Least age since the event was sent first, for example ``30m``, ``2h`` or ``1d``. (templated)
    :param newer_than: Greatest age, in the same form. (templated)
    :param everything: Select every dead letter; required when there is no filter.
    :param limit: At most so many.
    :param dry_run: Only count.
    """

    setting_names: Sequence[str] = QUEUE_SETTINGS
    required_settings: Sequence[str] = ("queue_url",)
    template_fields: Sequence[str] = (
        *QUEUE_SETTINGS,
        *("ids", "reason", "error_code", "job", "namespace", "older_than", "newer_than"),
    )
    ui_color = "#fff2cc"

    def __init__(
        self,
        *,
        queue_url: str | None = None,
        dead_letter_queue_url: str | None = None,
        region_name: str | None = None,
        sqs_conn_id: str | None = None,
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
        self._keep_settings(locals())
        self.ids = ids
        self.reason = reason
        self.error_code = error_code
        self.job = job
        self.namespace = namespace
        self.older_than = older_than
        self.newer_than = newer_than
        self.everything = everything
        self.limit = limit
        # Airflow's operators have a method of the parameter's name.
        self._dry_run = dry_run

    def execute(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Redrive once and return the report."""
        from airflow_provider_dzlineage.buffer.dead_letter_queue import dead_letter_queue_of
        from airflow_provider_dzlineage.buffer.redrive import Redrive

        settings = self._settings()
        dlq_filter = self._filter()
        queue = self._queue(settings)
        redrive = Redrive(
            dead_letter_queue_of(queue, settings.dead_letter_queue_url),
            dlq_filter,
            queue,
            limit=self.limit,
            dry_run=self._dry_run,
            stop=self._stop_when_killed(),
        )
        try:
            redrive.run()
        except BaseException:
            push_report_of_failure(context, redrive.report().to_dict())
            raise
        finally:
            self.log.info(redrive.report().line())
        return redrive.report().to_dict()

    def _filter(self) -> DlqFilter:
        from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter, age_seconds

        dlq_filter = DlqFilter(
            ids=frozenset(self.ids or ()) or None,
            reason=self.reason or None,
            error_code=self.error_code or None,
            job=self.job or None,
            namespace=self.namespace or None,
            older_than=age_seconds(self.older_than) if self.older_than else None,
            newer_than=age_seconds(self.newer_than) if self.newer_than else None,
        )
        dlq_filter.check_explicit(everything=self.everything)
        return dlq_filter
