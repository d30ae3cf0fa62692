"""pytest fixtures for users of the package: a DataZone to test against, a check for transforms.

In a ``conftest.py``: ``pytest_plugins = ["airflow_provider_dzlineage.local.fixtures"]``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import boto3
import pytest

from airflow_provider_dzlineage.aws.clients import complete_lineage_operations
from airflow_provider_dzlineage.lineage.datasets import datasets_in
from airflow_provider_dzlineage.lineage.schema import violation_of
from airflow_provider_dzlineage.lineage.transform import Event, Skip, Transform
from airflow_provider_dzlineage.local.datazone import DataZoneEmulator, Faults

if TYPE_CHECKING:
    from types_boto3_datazone import DataZoneClient

CheckTransform: TypeAlias = Callable[[Transform, Event], Any]


@pytest.fixture
def datazone_emulator() -> Iterator[DataZoneEmulator]:
    """Yield a fresh emulator in memory, without quota, that processes events at once; its domain is ``dzd_local``."""
    with DataZoneEmulator(faults=Faults(rate=float("inf"), processing_seconds=0)) as emulator:
        yield emulator


@pytest.fixture
def datazone_client(datazone_emulator: DataZoneEmulator) -> DataZoneClient:
    """Return a boto3 client of the emulator."""
    session = boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        region_name="us-east-1",
    )
    complete_lineage_operations(session)
    client: DataZoneClient = session.client("datazone", endpoint_url=datazone_emulator.endpoint_url)
    return client


@pytest.fixture
def check_transform() -> CheckTransform:
    """Return a check for your own transforms: call it with a transform and an event.

    It fails the test when the transform changes its argument, returns neither a run event nor a
    :class:`~airflow_provider_dzlineage.lineage.transform.Skip`, changes its own result once more, or renames a dataset
    in some places of the event only. It returns what the transform returns.
    """
    return apply_checked


def apply_checked(transform: Transform, event: Event) -> Event | Skip:
    """Apply a transform to an event, and check the rules for transforms.

    :return: what the transform returns.
    :raises AssertionError: when it breaks a rule.
    """
    before = copy.deepcopy(event)
    after = transform(event)
    assert event == before, "the transform changes the event that it is given; it has to return a changed copy"  # noqa: S101
    if isinstance(after, Skip):
        return after
    assert isinstance(after, dict), f"the transform returns {type(after).__name__}, not an event or a Skip"  # noqa: S101
    violation = violation_of(after)
    assert violation is None, f"what the transform returns is no run event: {violation}"  # noqa: S101
    assert transform(copy.deepcopy(after)) == after, "applied to its own result, the transform changes it once more"  # noqa: S101
    renamed = _own_datasets(before) - _own_datasets(after)
    left = renamed & set(datasets_in(after))
    assert not left, f"some places still have the former name of {sorted(left)}; renaming() reaches all"  # noqa: S101
    return after


def _own_datasets(event: Event) -> set[tuple[str, str]]:
    return {(each["namespace"], each["name"]) for side in ("inputs", "outputs") for each in event.get(side) or ()}
