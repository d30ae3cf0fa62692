"""The fixtures of these tests."""

from tests.fixtures.transport_config import emit, endpoint, python
