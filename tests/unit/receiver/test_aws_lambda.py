"""What only a gateway can bring: paths with and without a stage, names of callers, and odd shapes."""

from __future__ import annotations

import logging

import pytest

from airflow_provider_dzlineage.receiver.authentication import GatewayAuthentication, KeyAuthentication, NoAuth
from airflow_provider_dzlineage.receiver.aws_lambda import LambdaReceiver
from airflow_provider_dzlineage.receiver.endpoint import Endpoint
from airflow_provider_dzlineage.receiver.keys import Keyring, KeySource
from airflow_provider_dzlineage.receiver.options import receiver_options


@pytest.fixture
def handler():
    return LambdaReceiver(Endpoint(receiver_options({}, {}), NoAuth(), is_fifo=False), _Sender())


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
    assert handler(form(path, stage))["statusCode"] == status


@pytest.mark.parametrize(
    "authorizer",
    [{"jwt": {"claims": {"sub": "a\nINFO:forged:line\u2028" + "x" * 200}}}, {"claims": {"client_id": "a\n"}}],
)
def test_the_name_in_a_token_forges_no_log_line(caplog, authorizer):
    caplog.set_level(logging.INFO)
    handler = LambdaReceiver(
        Endpoint(receiver_options({"auth": "jwt"}, {}), GatewayAuthentication(), is_fifo=False), _Sender()
    )

    answer = handler(posted() | {"requestContext": {"http": {"method": "POST"}, "authorizer": authorizer}})

    assert answer["statusCode"] == 200
    (record,) = [record for record in caplog.records if "were refused" in record.message]
    assert r"of a\n" in record.message
    assert len(record.message.splitlines()) == 1
    assert len(record.message) < 200


@pytest.mark.parametrize("auth", ["iam", "jwt"])
@pytest.mark.parametrize(
    "authorizer", [None, "x", [], {"jwt": None}, {"jwt": {"claims": "x"}}, {"claims": [1]}, {"iam": 3}, {"iam": {}}]
)
def test_an_authorizer_that_names_nobody_lets_nobody_in(auth, authorizer):
    handler = LambdaReceiver(
        Endpoint(receiver_options({"auth": auth}, {}), GatewayAuthentication(), is_fifo=False), _Sender()
    )

    answer = handler(posted() | {"requestContext": {"http": {"method": "POST"}, "authorizer": authorizer}})

    assert answer["statusCode"] == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"body": 3}, 400),
        ({"rawPath": None}, 400),
        ({"requestContext": None}, 400),
        ({"requestContext": {"http": None}}, 400),
        ({"requestContext": {"http": {}}}, 400),
        ({"headers": None}, 401),
        ({"headers": []}, 401),
        ({"headers": {"authorization": None}}, 401),
    ],
    ids=str,
)
def test_odd_shapes_of_payload_2(change, status):
    assert keyed()(posted() | change)["statusCode"] == status


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"body": [1]}, 400),
        ({"httpMethod": None}, 400),
        ({"path": 3}, 400),
        ({"multiValueHeaders": {"Authorization": None}}, 401),
        ({"multiValueHeaders": {"Authorization": 3}}, 401),
        ({"multiValueHeaders": 3}, 401),
        ({"requestContext": 3}, 401),
    ],
    ids=str,
)
def test_odd_shapes_of_payload_1(change, status):
    event = {"httpMethod": "POST", "path": "/api/v1/lineage", "body": "{}"}

    assert keyed()(event | change)["statusCode"] == status


@pytest.mark.parametrize("event", [None, [], "x", {}])
def test_what_is_no_request_is_refused(event):
    assert keyed()(event)["statusCode"] == 400


def keyed():
    keys = Keyring(KeySource("the test", lambda: "all=" + "k" * 16))
    return LambdaReceiver(Endpoint(receiver_options({}, {}), KeyAuthentication(keys), is_fifo=False), _Sender())


def posted():
    context = {"http": {"method": "POST"}}
    headers = {"content-type": "application/json"}
    return {"rawPath": "/api/v1/lineage/batch", "headers": headers, "body": "[3]", "requestContext": context}


class _Sender:
    def send_in_time(self, messages, spent):
        return [None] * len(messages)
