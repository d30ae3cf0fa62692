"""Drains a queue and prints, as JSON, pairs of messages posted and resident bytes."""

from __future__ import annotations

import json
import sys
import threading

import boto3
import psutil
from _servers import CREDENTIALS, DOMAIN, client_of

from airflow_provider_dzlineage.buffer.queue import QUEUE_CLIENT_CONFIG, Queue
from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.forwarding.report import Report
from airflow_provider_dzlineage.settings.site import Settings

datazone_url, sqs_url, queue_url, messages = sys.argv[1:]
queue = Queue(boto3.client("sqs", endpoint_url=sqs_url, config=QUEUE_CLIENT_CONFIG, **CREDENTIALS), queue_url)
catalog = Catalog(client_of(datazone_url, CLIENT_CONFIG), DOMAIN)
done = threading.Event()
forwarder = Forwarder(queue, None, catalog, Settings(rate=float("inf")), stop=done)
process = psutil.Process()
samples = []


def sample(report: Report) -> None:
    """Note the memory, once there is some traffic."""
    if report.posted:
        samples.append((report.posted, process.memory_info().rss))
    if report.posted >= int(messages):
        done.set()


forwarder.follow(on_progress=sample)
print(json.dumps(samples))
