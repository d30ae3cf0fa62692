"""Paths with and without a stage, as each kind of gateway gives them."""

from __future__ import annotations

import pytest

from airflow_provider_dzlineage.receiver.aws_lambda import LambdaReceiver
from airflow_provider_dzlineage.receiver.core import Receiver
from airflow_provider_dzlineage.receiver.options import receiver_options


@pytest.fixture
def handler():
    return LambdaReceiver(Receiver(receiver_options({}, {}), None, is_fifo=False), None)


def first(path, stage):
    return {"version": "1.0", "httpMethod": "GET", "path": path, "requestContext": {"stage": stage}}


def second(path, stage):
    context = {"stage": stage, "http": {"method": "GET", "path": path}}
    return {"version": "2.0", "rawPath": path, "headers": {}, "requestContext": context}


@pytest.mark.parametrize("form", [first, second])
@pytest.mark.parametrize(
    ("path", "stage", "status"),
    [
        ("/prod/health", "prod", 200),
        ("/health", "prod", 200),
        ("/health", "$default", 200),
        # Methods are looked at where a path is known.
        ("/prod/api/v1/lineage", "prod", 405),
        ("/api/v1/lineage", "prod", 405),
        ("/api/v1/lineage", "api", 405),
        ("/api/api/v1/lineage", "api", 405),
        ("/prod/health", "production", 404),
        ("/production/health", "prod", 404),
        ("/prod/prod/health", "prod", 404),
        ("/other", "prod", 404),
    ],
)
def test_a_stage_in_front_of_the_path_is_none_of_ours(handler, form, path, stage, status):
    handler._receiver.authentication = _Nobody()

    assert handler(form(path, stage))["statusCode"] == status


class _Nobody:
    def refresh(self):
        pass
