"""The fixtures of these tests."""

from tests.fixtures.local_datazone import client_of, error_of, post
