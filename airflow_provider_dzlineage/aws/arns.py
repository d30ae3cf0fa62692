"""ARNs, partitions and URLs of queues: what a name in AWS says without a request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

# Source: "Amazon Resource Names (ARNs)" in the IAM user guide.
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}

# sqs.<region>.amazonaws.com, <region>.queue.amazonaws.com (legacy), vpce-….sqs.<region>.vpce.amazonaws.com, and the
# same in other partitions. Source: "Amazon SQS endpoints and quotas" in the AWS General Reference.
_REGION_IN_HOST = re.compile(
    r"(?:^|\.)(?:sqs(?:-fips)?\.(?P<new>[a-z]{2,}-[a-z-]+-\d+)|(?P<old>[a-z]{2,}-[a-z-]+-\d+)\.queue)\."
)
_ACCOUNT_IN_PATH = re.compile(r"/(?P<account>\d{12})/[^/]+/?")


@dataclass(frozen=True)
class Arn:
    """The parts of an Amazon Resource Name.

    :param region: empty for a resource without one.
    :param account: twelve digits; empty for a resource without one.
    :param resource: the rest, for example ``cluster:analytics`` or the name of a queue.
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """Return the parts of an ARN; None for a text that is none."""
        prefix, *parts = text.split(":", 5)
        return cls(*parts) if prefix == "arn" and len(parts) == 5 else None


def partition_of(region: str) -> str:
    """Return the partition of a Region: ``aws``, ``aws-cn`` or ``aws-us-gov``."""
    return next((partition for start, partition in _PARTITIONS.items() if region.startswith(start)), "aws")


def queue_region(url: str) -> str | None:
    """Return the Region in a queue's URL; None when there is none, as in that of an emulator."""
    match = _REGION_IN_HOST.search(urlsplit(url).hostname or "")
    return (match["new"] or match["old"]) if match else None


def queue_account(url: str) -> str | None:
    """Return the account in a queue's URL, twelve digits; None when there is none."""
    match = _ACCOUNT_IN_PATH.fullmatch(urlsplit(url).path)
    return match["account"] if match else None


def queue_endpoint(url: str) -> str:
    """Return the endpoint of SQS that has a queue, as a URL without a path."""
    parts = urlsplit(url)
    # Hosts of old queue URLs, such as eu-west-1.queue.amazonaws.com, do not speak today's protocol.
    prefix, legacy, suffix = parts.netloc.partition("queue.amazonaws.com")
    if legacy:
        return f"https://sqs.{prefix.rstrip('.') or 'us-east-1'}.amazonaws.com{suffix}"
    return f"{parts.scheme}://{parts.netloc}"
