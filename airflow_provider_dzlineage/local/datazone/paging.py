"""Pages of a listing, and the token that leads to the next one."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.local.datazone.errors import ApiError

_DEFAULT_SIZE = 50
# More than SQLite can count.
_MOST_ITEMS = 2**63 - 100


@dataclass(frozen=True)
class Page:
    """One page of a listing.

    :param start: number of items before it.
    :param size: number of items on it, at most.
    """

    start: int
    size: int

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Page:
        """Read ``nextToken`` and ``maxResults``.

        :raises ApiError: when the token is not one of ours.
        """
        token = parameters.get("nextToken")
        try:
            start = int(base64.urlsafe_b64decode(token)) if token else 0
        except ValueError:
            start = -1
        if not 0 <= start < _MOST_ITEMS:
            raise ApiError("ValidationException", "nextToken is not valid")
        return cls(start, parameters.get("maxResults", _DEFAULT_SIZE))

    def answer(self, member: str, items: Sequence[Any]) -> dict[str, Any]:
        """Return a listing's result.

        :param member: of the output that holds the items.
        :param items: from the start of this page on, at least one more than fits when there are more.
        """
        following = None
        if len(items) > self.size:
            following = base64.urlsafe_b64encode(str(self.start + self.size).encode()).decode()
        return {member: list(items[: self.size]), "nextToken": following}
