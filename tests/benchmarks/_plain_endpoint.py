"""The endpoint that one would write first: Starlette, and one SendMessage for each request. Prints its URL.

It checks nothing of the event and nobody's key, so it is given less to do than ours.
"""

from __future__ import annotations

import os
import socket

import boto3
import uvicorn
from botocore.config import Config
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

client = boto3.client("sqs", config=Config(max_pool_connections=40))
queue_url = os.environ["DZLINEAGE_QUEUE_URL"]


async def lineage(request: Request) -> Response:
    """Send the body on."""
    body = (await request.body()).decode()
    await run_in_threadpool(client.send_message, QueueUrl=queue_url, MessageBody=body)
    return Response(status_code=200)


app = Starlette(routes=[Route("/api/v1/lineage", lineage, methods=["POST"])])

if __name__ == "__main__":
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, http=os.environ.get("PLAIN_HTTP", "auto"), log_level="error", access_log=False)
    uvicorn.Server(config).run([listener])
