"""The size that ``PostLineageEvent`` takes."""

# Source: the `LineageEvent` shape (blob, max 300000) of the DataZone service model in botocore. Bytes of UTF-8.
MAX_EVENT_BYTES = 300_000
