"""The part of AWS that a Region belongs to, as ARNs name it."""

from __future__ import annotations

# Source: "Amazon Resource Names (ARNs)" in the IAM user guide.
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def partition_of(region: str) -> str:
    """Return the partition of a Region: ``aws``, ``aws-cn`` or ``aws-us-gov``."""
    return next((partition for start, partition in _PARTITIONS.items() if region.startswith(start)), "aws")
