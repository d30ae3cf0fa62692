"""An SQS that does little: it takes 5 ms to answer and remembers what it took. Prints its URL.

It speaks as much of the JSON protocol as sending needs. ``GET /`` tells the distinct runs that it holds and its calls.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re

LATENCY = 0.005
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

runs: set[str] = set()
calls = 0


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if head.startswith(b"GET"):
            answer = {"runs": len(runs), "calls": calls}
        else:
            await asyncio.sleep(LATENCY)
            answer = take(json.loads(body))
        text = json.dumps(answer).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ")
        writer.write(b"%d\r\n\r\n%b" % (len(text), text))


def take(request: dict) -> dict:
    """Store messages and confirm them."""
    global calls
    calls += 1
    entries = request.get("Entries", [request])
    confirmed = [{"Id": entry.get("Id"), "MessageId": "m", "MD5OfMessageBody": md5(entry)} for entry in entries]
    runs.update(json.loads(entry["MessageBody"])["run"]["runId"] for entry in entries)
    return {"Successful": confirmed, "Failed": []} if "Entries" in request else confirmed[0]


def md5(entry: dict) -> str:
    """Return the digest that SQS confirms a body with."""
    return hashlib.md5(entry["MessageBody"].encode()).hexdigest()


async def main() -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=4 * 1024 * 1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
