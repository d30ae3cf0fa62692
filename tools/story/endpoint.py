"""The HTTP endpoint, as `dzlineage serve` runs it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from airflow_provider_dzlineage.transport_config import Http, KeyInClear

_STOP_SECONDS = 20


class Endpoint:
    """The endpoint in a process of its own, with one API key; a context manager.

    :param aws: environment variables of the embedded AWS.
    """

    def __init__(self, aws: Mapping[str, str]) -> None:
        self.key = secrets.token_hex(16)
        self._environment = {"PATH": os.environ["PATH"], **aws, "DZLINEAGE_API_KEYS": f"story={self.key}"}
        self.url = ""

    @property
    def destination(self) -> Http:
        """Where producers send to."""
        return Http(url=self.url, api_key=KeyInClear(self.key))

    def __enter__(self) -> Endpoint:
        program = Path(sys.prefix) / "bin" / "dzlineage"
        self._process = subprocess.Popen(
            [str(program), "serve", "--port", "0"], env=self._environment, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        self.url = self._process.stdout.readline().partition(" ")[0]
        if not self.url.startswith("http"):
            self._process.wait(_STOP_SECONDS)
            raise RuntimeError("the endpoint does not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(_STOP_SECONDS)
