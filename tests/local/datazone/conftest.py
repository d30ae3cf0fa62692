"""What the tests of the emulator say to it."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.config import Config


@pytest.fixture
def client_of():
    """Make a boto3 client of an emulator that does not retry."""

    def make(emulator, **config):
        once = Config(retries={"total_max_attempts": 1}, **config)
        return boto3.client("datazone", endpoint_url=emulator.endpoint_url, config=once)

    return make


@pytest.fixture
def post():
    """Post an event."""

    def send(client, event, **parameters):
        return client.post_lineage_event(domainIdentifier="dzd_local", event=json.dumps(event).encode(), **parameters)

    return send


@pytest.fixture
def error_of():
    """Tell the (code, HTTP status) that a call is refused with."""

    def tell(call):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            call()
        return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]

    return tell
