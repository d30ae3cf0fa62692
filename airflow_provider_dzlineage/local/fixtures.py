"""pytest fixtures for users of the package: a DataZone to test against, a check for transforms.

In a ``conftest.py``: ``pytest_plugins = ["airflow_provider_dzlineage.local.fixtures"]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from airflow_provider_dzlineage.aws.botocore_models import complete_lineage_operations
from airflow_provider_dzlineage.local.datazone import DataZoneEmulator, Faults
from airflow_provider_dzlineage.local.transform_check import CheckTransform, checked

if TYPE_CHECKING:
    from types_boto3_datazone import DataZoneClient


@pytest.fixture
def datazone_emulator() -> Iterator[DataZoneEmulator]:
    """Yield a fresh emulator in memory, without quota, that processes events at once; its domain is ``dzd_local``."""
    with DataZoneEmulator(faults=Faults(rate=float("inf"), processing_seconds=0)) as emulator:
        yield emulator


@pytest.fixture
def datazone_client(datazone_emulator: DataZoneEmulator) -> DataZoneClient:
    """Return a boto3 client of it."""
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
    """Return a check for transforms of your own, to be called with a transform and an event.

    It fails the test when the transform changes the event that it is given, returns neither a run event nor a
    :class:`~airflow_provider_dzlineage.lineage.transform.Skip`, changes its own result once more, or renames a dataset
    in some places of the event only. It returns what the transform returns.
    """
    return checked
