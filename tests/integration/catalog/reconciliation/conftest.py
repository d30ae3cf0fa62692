"""The fixtures of these tests."""

from tests.fixtures.reconciliation import catalog, dead_queue, letters, post, reconcile
