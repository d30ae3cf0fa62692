"""Read bodies beside the loop that answers, so that nobody waits long for those of others."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from airflow_provider_dzlineage.receiver.core import Admission, EventBatch, Receiver
from airflow_provider_dzlineage.receiver.exchange import Answer, try_later

# Reading fewer bytes takes less than handing them to a thread and back.
_SMALL_BYTES = 32 * 1024
# A few hundredths of a second; a batch as big as it may be takes many tenths.
_MIDDLING_BYTES = 512 * 1024


class BodyParser:
    """Opens bodies. Lives in one event loop.

    :param receiver: knows how.
    """

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        # One thread each: Python reads no two bodies at the same time, and big ones must not be in everybody's way.
        self._middling = ThreadPoolExecutor(1, thread_name_prefix="read")
        self._big = ThreadPoolExecutor(1, thread_name_prefix="read-big")

    async def open(self, admission: Admission, body: bytes, size: int, give_up: float) -> EventBatch | Answer:
        """Read the body of a request, as :meth:`Receiver.open` does.

        :param size: of the body when decompressed, bytes.
        :param give_up: when to answer that there is too much to do, on the loop's clock.
        """
        if size <= _SMALL_BYTES:
            return self._receiver.open(admission, body)
        loop = asyncio.get_running_loop()
        threads = self._middling if size <= _MIDDLING_BYTES else self._big
        opening = loop.run_in_executor(threads, self._receiver.open, admission, body)
        try:
            return await asyncio.wait_for(opening, give_up - loop.time())
        except asyncio.TimeoutError:
            return try_later("overloaded", "too many big bodies at the same time")

    def close(self) -> None:
        """End the threads; all requests have to be over."""
        self._middling.shutdown(wait=False)
        self._big.shutdown(wait=False)
