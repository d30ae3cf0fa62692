"""Secrets in the structure of JSON: members whose names tell what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from airflow_provider_dzlineage.lineage.redaction.literals import BLOT
from airflow_provider_dzlineage.lineage.redaction.names import names_a_secret
from airflow_provider_dzlineage.lineage.redaction.secrets import without_secrets

_NAMES = ("name", "key", "Name", "Key", "NAME", "KEY")
_VALUES = ("value", "Value", "VALUE")


def without_secret_values(value: Any, clean: Callable[[str], str]) -> Any:
    """Return a JSON value without secrets; the same object when there is none.

    :param clean: takes the secrets out of a text.
    """
    top = [value]
    changes = False
    # Copies that still have the members of the originals. Nothing here calls itself, so no value is nested too deep.
    copies: list[tuple[Any, bool]] = [(top, False)]
    while copies:
        copy, is_secret = copies.pop()
        members = _of_object(copy) if isinstance(copy, dict) else _of_list(copy, is_secret)
        for place, item, hide in members:
            if isinstance(item, dict | list):
                copy[place] = item.copy()
                copies.append((copy[place], hide))
            elif isinstance(item, str) or hide:
                cleaned = _blotted(item) if hide else clean(item)
                if cleaned != item:
                    copy[place] = cleaned
                    changes = True
        if isinstance(copy, dict) and any(map(_holds_a_secret, copy)):
            renamed = {without_secrets(name): item for name, item in copy.items()}
            copy.clear()
            copy.update(renamed)
            changes = True
    return top[0] if changes else value


def _of_object(members: dict[str, Any]) -> Iterator[tuple[str, Any, bool]]:
    """Yield each member with its name, and whether it is a secret."""
    of_pair = _place_of_secret(members)
    for name, item in members.items():
        yield name, item, name == of_pair or _is_secret(name, item)


def _of_list(items: list[Any], is_secret: bool) -> Iterator[tuple[int, Any, bool]]:
    """Yield each item with its index, and whether it is a secret; numbers alone are none.

    In a command, what follows an option is one, if the option's name tells so.
    """
    hide = is_secret and any(isinstance(item, str | list) for item in items)
    follows = False
    for index, item in enumerate(items):
        is_option = isinstance(item, str) and item.startswith("--")
        yield index, item, hide or (follows and not is_option)
        follows = is_option and names_a_secret(item)


def _place_of_secret(members: dict[str, Any]) -> str | None:
    """Return under which name an object that tells a name and its value has a secret, as environmentVariables does."""
    for place in _VALUES:
        if place in members:
            names = (members.get(name) for name in _NAMES)
            return place if any(isinstance(name, str) and _is_secret(name, members[place]) for name in names) else None
    return None


def _is_secret(name: str, item: Any) -> bool:
    return names_a_secret(name) and not (name[-6:].lower() == "tokens" and _is_count(item))


def _is_count(item: Any) -> bool:
    return isinstance(item, int | float) or (isinstance(item, str) and item.isdigit())


def _blotted(item: Any) -> Any:
    """Return what becomes of a secret; what is empty, or no more than yes or no, stays."""
    return BLOT if item and not isinstance(item, bool) else item


# The same few names come again and again.
@lru_cache(maxsize=4096)
def _holds_a_secret(name: str) -> bool:
    return without_secrets(name) != name
