"""Run the endpoint with uvicorn and h11, by their documented options only.

Why these, and what is left to the load balancer: ``docs/decisions/0006-http-server.md``.
"""

from __future__ import annotations

import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn

from airflow_provider_dzlineage.errors import DzLineageError
from airflow_provider_dzlineage.receiver.asgi import ReceiverApp
from airflow_provider_dzlineage.receiver.endpoint import MAX_HEAD_BYTES

# Longer than the 60 seconds after which an Application Load Balancer ends an idle connection, so that the balancer
# never sends a request into one that is just being closed. Source: its user guide, "Connection idle timeout".
_KEEP_ALIVE_SECONDS = 75
# An answer takes four seconds at most, a body that is arriving ten.
_GRACE_SECONDS = 15
_BACKLOG = 2048
# Each connection is an open file. More is never needed, and some systems have no limit of their own.
_MAX_FILES = 65_536


def run_server(app: ReceiverApp, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; what is under way then is answered first.

    :param host: name or address to listen on.
    :param port: TCP port, 0 for a free one.
    :param on_ready: called with the URL once requests are taken.
    :raises DzLineageError: when the address cannot be used.
    """
    # Threads that send must not keep the loop that answers waiting for the interpreter's usual five milliseconds.
    sys.setswitchinterval(0.0005)
    # What is there by now stays; the garbage collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    _raise_file_limit()
    # Its lines about single requests would be written by whoever sends them.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    listener = _listen(host, port)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=_BACKLOG,
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )
    # While it runs, uvicorn has handlers of its own; afterwards it sends the signal again, to end the process. Here
    # the process goes on after the server, and a signal before its start counts too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    address, bound_port = listener.getsockname()[:2]
    on_ready(f"http://[{address}]:{bound_port}" if ":" in address else f"http://{address}:{bound_port}")
    server.run([listener])


def _listen(host: str, port: int) -> socket.socket:
    listener = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        if listener:
            listener.close()
        raise DzLineageError(f"cannot listen on {host}, port {port}: {error}") from None
    return listener


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = _MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, _MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < enough:
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
