"""Imports a Lambda handler and calls it: ``_lambda_probe.py ours|bare CALLS``. Prints both times, in seconds."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time

from _servers import event


def bare() -> object:
    """Make a handler that does no more than to send the body."""
    import boto3

    client = boto3.client("sqs")

    def handler(request: dict, context: object) -> dict:
        client.send_message(QueueUrl=os.environ["DZLINEAGE_QUEUE_URL"], MessageBody=request["body"])
        return {"statusCode": 200}

    return handler


def ours() -> object:
    """Import the handler as Lambda does."""
    from airflow_provider_dzlineage.receiver.lambda_function import handler

    return handler


started = time.perf_counter()
handler = {"ours": ours, "bare": bare}[sys.argv[1]]()
cold = time.perf_counter() - started
headers = {"content-type": "application/json", "authorization": "Bearer benchmark-key-0123456789"}
context = {"stage": "$default", "http": {"method": "POST", "path": "/api/v1/lineage"}}
times = []
for _ in range(int(sys.argv[2])):
    request = {"rawPath": "/api/v1/lineage", "headers": headers, "requestContext": context, "body": event(1_500)}
    started = time.perf_counter()
    answer = handler(request, None)
    times.append(time.perf_counter() - started)
    assert answer["statusCode"] == 200, answer
print(json.dumps({"cold": cold, "warm": statistics.median(times)}))
