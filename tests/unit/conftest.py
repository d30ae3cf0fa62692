"""The rule of this folder: a unit test starts nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

# What Python announces before it starts a process or takes an address to listen on (its table of audit events).
_STARTS = frozenset(
    ("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "socket.bind", "subprocess.Popen")
)
# They end at once and serve nobody: only git knows which files belong to the project; and croniter, when it is
# imported, asks Python's platform module how wide the machine's words are, which asks ``file``.
_EXEMPT = (["git", "ls-files"], ["file", "-b"])


class _Guard:
    """An audit hook that refuses to start anything while a unit test runs, in whatever thread and by whatever library.

    An audit hook cannot be taken away, so that it is turned off instead: integration tests run in the same process.
    """

    def __init__(self) -> None:
        self.is_on = False
        self.refused: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_on or event not in _STARTS:
            return
        if event == "subprocess.Popen" and list(arguments[1][:2]) in _EXEMPT:
            return
        self.refused.append(f"{event}{arguments[:2]}")
        raise AssertionError(f"a unit test starts nothing: {self.refused[-1]}")


GUARD = _Guard()
sys.addaudithook(GUARD)


@pytest.fixture(autouse=True)
def _starts_nothing() -> Iterator[None]:
    """Fail a test that starts a process or a server, also if what it tested has caught the refusal."""
    GUARD.refused.clear()
    GUARD.is_on = True
    yield
    GUARD.is_on = False
    assert GUARD.refused == [], "a unit test starts nothing: move it to tests/integration"
