"""URLs that users write: how they are read, some of which cannot be, and which path events have."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

# Source: the OpenLineage specification's OpenAPI, and the default of its Python and Java clients.
LINEAGE_PATH = "/api/v1/lineage"


def parts_of(url: str) -> SplitResult | None:
    """Take a URL apart.

    :param url: as somebody wrote it.
    :return: its parts; None where host or port cannot be read.
    """
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def path_of_events(path: str) -> str:
    """Return the path to which events are posted, with its leading slash.

    :param path: a URL's: none, a prefix such as an API Gateway stage, with or without ``/api/v1``, or all of it.
    """
    path = path.rstrip("/")
    if path.endswith("/lineage"):
        return path
    return path.removesuffix("/api/v1") + LINEAGE_PATH
