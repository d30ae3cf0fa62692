"""Checks of a site's whole lineage: settings, queue, domain, producers' configuration, endpoint, and a canary."""
