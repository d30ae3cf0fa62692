"""Transports for the OpenLineage Python client."""
