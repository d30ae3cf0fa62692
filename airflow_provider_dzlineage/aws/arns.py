"""ARNs, partitions and the URLs of queues: what a name of AWS tells without a request."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Source: "Amazon Resource Names (ARNs)" in the IAM user guide.
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def partition_of(region: str) -> str:
    """Return the partition of a Region: ``aws``, ``aws-cn`` or ``aws-us-gov``."""
    return next((partition for start, partition in _PARTITIONS.items() if region.startswith(start)), "aws")


# sqs.<region>.amazonaws.com, <region>.queue.amazonaws.com (legacy), vpce-….sqs.<region>.vpce.amazonaws.com, and the
# same in other partitions. Source: "Amazon SQS endpoints and quotas" in the AWS General Reference.
_REGION = re.compile(
    r"(?:^|\.)(?:sqs(?:-fips)?\.(?P<new>[a-z]{2,}-[a-z-]+-\d+)|(?P<old>[a-z]{2,}-[a-z-]+-\d+)\.queue)\."
)
_ACCOUNT = re.compile(r"/(?P<account>\d{12})/[^/]+/?")


def region_of(queue_url: str) -> str | None:
    """Return the Region that a queue's URL names; None when it names none, as that of an emulator."""
    match = _REGION.search(urlsplit(queue_url).hostname or "")
    return (match["new"] or match["old"]) if match else None


def account_of(queue_url: str) -> str | None:
    """Return the twelve digits of the account that a queue's URL names; None when it names none."""
    match = _ACCOUNT.fullmatch(urlsplit(queue_url).path)
    return match["account"] if match else None
