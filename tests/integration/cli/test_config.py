"""The command with a real Secrets Manager over HTTP."""

from __future__ import annotations

import boto3
import pytest

from airflow_provider_dzlineage.cli import main

HTTP = ["--mode", "http", "--url", "https://lineage.example.com"]


@pytest.fixture
def printed(capsys):
    def run(*arguments, code=0):
        assert main(["config", *arguments]) == code
        return capsys.readouterr()

    return run


def test_a_key_in_secrets_manager_is_looked_up_on_request(printed, ministack, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.endpoint_url)
    client = boto3.client("secretsmanager", region_name="us-east-1")
    arn = client.create_secret(Name="openlineage-key", SecretString="s3cr3t")["ARN"]

    assert "auth.apiKey s3cr3t\n" in printed("spark", *HTTP, "--api-key-secret", arn, "--show-secrets").out
    assert "cannot be read" in printed("spark", *HTTP, "--api-key-secret", f"{arn}x", "--show-secrets", code=2).err
