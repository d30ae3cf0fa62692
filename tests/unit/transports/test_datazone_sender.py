"""The endpoint is the one of the SDK's own client."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config

from airflow_provider_dzlineage.transports.datazone import DataZoneConfig
from airflow_provider_dzlineage.transports.datazone_sender import default_endpoint
from airflow_provider_dzlineage.transports.sdk_session import sdk_session


@pytest.mark.parametrize("region", ["eu-west-1", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize("fips", [False, True])
@pytest.mark.parametrize("configured", [None, "http://configured.example:1"])
def test_the_endpoint_is_that_of_boto3(monkeypatch, tmp_path, region, fips, configured):
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    if fips:
        monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    if configured and not fips:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", configured)
    config = DataZoneConfig.from_dict({"domain_id": "dzd_local"})

    ours = sdk_session("datazone", config, region=region, default_endpoint=default_endpoint)

    theirs = boto3.client("datazone", region_name=region, config=Config())
    assert ours.endpoint == theirs.meta.endpoint_url
    assert ours.region == region
