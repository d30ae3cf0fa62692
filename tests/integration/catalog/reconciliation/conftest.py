"""The fixtures of these tests."""

from tests.fixtures.reconciliation import catalog, catalog_client, dead_queue, letters, post, reconcile
