"""Shared by all calls of AWS: error codes, deadlines and retries, clients, ARNs and queue URLs."""
