"""Sends events over HTTP: ``_http_load.py URL KEY EVENTS CONNECTIONS RATE``; RATE 0 is as fast as it goes.

Prints ``{"acknowledged", "seconds", "latencies"}`` as JSON; seconds, one latency for each event from when it was due.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

from _servers import event


async def connection(url: str, key: str, due: asyncio.Queue, latencies: list[float]) -> None:
    """Send what is due, one event after the other."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    while (item := await due.get()) is not None:
        moment, body = item
        head = (
            f"POST /api/v1/lineage HTTP/1.1\r\nhost: {parts.netloc}\r\nauthorization: Bearer {key}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer.decode())
        latencies.append(time.perf_counter() - moment)
    writer.close()


async def main(url: str, key: str, events: int, connections: int, rate: float) -> dict:
    """Send all events."""
    bodies = [event(1_500).encode() for _ in range(events)]
    due: asyncio.Queue = asyncio.Queue()
    latencies: list[float] = []
    workers = [asyncio.create_task(connection(url, key, due, latencies)) for _ in range(connections)]
    await asyncio.sleep(0.2)
    started = time.perf_counter()
    for number, body in enumerate(bodies):
        moment = started + number / rate if rate else started
        while (left := moment - time.perf_counter()) > 0:
            await asyncio.sleep(left)
        due.put_nowait((moment, body))
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    return {"acknowledged": len(latencies), "seconds": time.perf_counter() - started, "latencies": latencies}


if __name__ == "__main__":
    url, key, events, connections, rate = sys.argv[1:]
    print(json.dumps(asyncio.run(main(url, key, int(events), int(connections), float(rate)))))
