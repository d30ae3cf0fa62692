"""The graph that an undisturbed DataZone draws of the same events."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import boto3
from evidence import processed_bodies
from processes import DOMAIN, datazone, set_faults

from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG

_AT_ONCE = 8
_BATCH = 1_000


def draw_undisturbed(state: Path, reference: Path) -> None:
    """Post every event that DataZone has processed to a fresh emulator, each body once.

    :param state: the emulator's file.
    :param reference: file of the fresh one, which is not there yet.
    """
    bodies = processed_bodies(state)
    with datazone(reference) as url, ThreadPoolExecutor(_AT_ONCE) as executor:
        set_faults(url, processing_seconds=0)
        client = boto3.client("datazone", endpoint_url=url, config=CLIENT_CONFIG)

        def post(body: bytes) -> None:
            client.post_lineage_event(domainIdentifier=DOMAIN, event=body)

        while batch := list(islice(bodies, _BATCH)):
            list(executor.map(post, batch))
            # It processes what is due before it answers.
            client.get_domain(identifier=DOMAIN)
