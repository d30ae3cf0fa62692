"""What of a queue's settings could lose or repeat events."""

from __future__ import annotations

from airflow_provider_dzlineage.buffer.queue import QueueState

# SQS's own default; below it a consumer that sets nothing itself can hardly finish a message.
_SHORT_VISIBILITY_SECONDS = 30
_SHORT_RETENTION_SECONDS = 24 * 3600
# A drain that stops early has received what it gives back; an outage of some hours is many of them.
_FEW_RECEIVES = 50


def unsafe_settings(buffer: QueueState, dead_letters: QueueState | None) -> list[str]:
    """Say what is wrong, what follows from it, and what to change.

    :param buffer: the queue that is drained.
    :param dead_letters: its dead-letter queue; None when there is none.
    :return: one sentence for each finding; empty when all is well.
    """
    findings = []
    if dead_letters is None:
        findings.append(
            "There is no dead-letter queue: messages that can never be posted stay in the queue -- To fix: create one, "
            "and name it in the setting 'dead_letter_queue_url' or in a redrive policy of the queue"
        )
    elif dead_letters.retention_seconds < _SHORT_RETENTION_SECONDS:
        findings.append(
            f"The dead-letter queue's retention is {dead_letters.retention_seconds} s: "
            "dead letters vanish before anybody looks -- To fix: set MessageRetentionPeriod to 1209600, 14 days"
        )
    if buffer.retention_seconds < _SHORT_RETENTION_SECONDS:
        findings.append(
            f"The queue's retention is {buffer.retention_seconds} s: "
            "an outage that lasts longer loses events -- To fix: set MessageRetentionPeriod to 1209600, 14 days"
        )
    if buffer.visibility_seconds < _SHORT_VISIBILITY_SECONDS:
        findings.append(
            f"The queue's visibility time-out is {buffer.visibility_seconds} s: "
            "a consumer that does not set its own would receive messages twice -- To fix: set VisibilityTimeout to 120"
        )
    if buffer.max_receives is not None and buffer.max_receives < _FEW_RECEIVES:
        findings.append(
            f"The queue's redrive policy moves messages after {buffer.max_receives} receives (maxReceiveCount): "
            "an outage can move good events to the dead letters, without a reason -- To fix: set it to 1000"
        )
    return findings
