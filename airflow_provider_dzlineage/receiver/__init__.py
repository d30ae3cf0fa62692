"""The HTTP endpoint: what it answers once, and two thin adapters, ASGI and AWS Lambda."""
