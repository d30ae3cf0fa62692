"""What the ASGI application does beside the endpoint's own decisions."""

from __future__ import annotations

import asyncio
import threading

from airflow_provider_dzlineage.receiver.asgi import BodyParser
from airflow_provider_dzlineage.receiver.http_messages import HttpAnswer

BIG, MEDIUM = 16 * 1024 * 1024, 100 * 1024


def test_parsing_is_given_up_in_time_and_what_nobody_waits_for_is_not_parsed():
    parsed = []
    go = threading.Event()

    def parse(admission, body):
        parsed.append(body)
        if body == b"first":
            assert go.wait(20)
        return HttpAnswer(400)

    async def run():
        parser = BodyParser(parse)
        now = asyncio.get_running_loop().time()
        first, second = await asyncio.gather(
            *(parser.parse(None, body, BIG, now + 0.2) for body in (b"first", b"second"))
        )
        beside = await parser.parse(None, b"beside", MEDIUM, now + 30)
        go.set()
        after = await parser.parse(None, b"after", BIG, now + 30)
        parser.close()
        return [answer.status for answer in (first, second, beside, after)]

    assert asyncio.run(run()) == [503, 503, 400, 400]
    assert parsed == [b"first", b"beside", b"after"]
