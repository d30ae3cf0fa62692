"""Run the endpoint with uvicorn."""

from __future__ import annotations

import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from airflow_provider_dzlineage.errors import ConfigurationError, DzLineageError
from airflow_provider_dzlineage.receiver.asgi import ReceiverApp
from airflow_provider_dzlineage.receiver.connections import patient_protocol
from airflow_provider_dzlineage.receiver.options import ReceiverOptions

# Longer than the 60 seconds after which an Application Load Balancer ends an idle connection, so that the balancer
# never sends a request into one that is just being closed. Source: its user guide, "Connection idle timeout".
_KEEP_ALIVE_SECONDS = 75
# An answer takes four seconds at most, a body that is arriving ten.
_GRACE_SECONDS = 15
# Files besides connections: sockets to AWS, the listener, logs.
_OTHER_FILES = 100


class _Server(uvicorn.Server):
    """Stops on a signal and then returns, where uvicorn's own would end by the same signal."""

    def __init__(self, config: uvicorn.Config, app: ReceiverApp, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._app.stop()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def run_server(
    app: ReceiverApp, options: ReceiverOptions, host: str, port: int, on_ready: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM; what is under way then is answered first.

    :param host: name or address to listen on.
    :param port: TCP port, 0 for a free one.
    :param on_ready: called with the URL once requests are taken.
    :raises DzLineageError: when the address cannot be used.
    """
    # Threads that send must not keep the loop that answers waiting for the interpreter's usual five milliseconds.
    sys.setswitchinterval(0.0005)
    # What is there by now stays; the collector of garbage need not look at it again and again.
    gc.collect()
    gc.freeze()
    _allow_files(options.max_connections + _OTHER_FILES)
    # Its lines about single requests would be written by whoever sends them.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    listener = _listen(host, port)
    address, bound_port = listener.getsockname()[:2]
    url = f"http://[{address}]:{bound_port}" if ":" in address else f"http://{address}:{bound_port}"
    config = uvicorn.Config(
        app,
        http=patient_protocol(options),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    _Server(config, app, lambda: on_ready(url)).run([listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, OverflowError) as error:
        raise DzLineageError(f"cannot listen on {host}, port {port}: {error}") from None
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except (OSError, OverflowError) as error:
        listener.close()
        raise DzLineageError(f"cannot listen on {host}, port {port}: {error}") from None
    return listener


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise ConfigurationError(
            f"{wanted} open files are needed and this system allows {hard}: raise that limit (ulimit -n), or set "
            "'max_connections' lower"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
