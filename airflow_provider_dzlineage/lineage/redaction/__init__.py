"""Secrets in events: how they are found, and how they are redacted."""
