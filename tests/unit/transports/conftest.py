"""The fixtures of these tests."""

from tests.fixtures.transports import (
    answering,
    direct,
    full_server,
    in_time,
    lines,
    ol_event,
    posted,
    silent_server,
    transport,
)
