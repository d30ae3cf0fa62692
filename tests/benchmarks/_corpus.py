"""Real events where they are at hand, else generated ones."""

from __future__ import annotations

import json
from pathlib import Path

from _servers import event

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "openlineage-compatibility.jsonl"
_GENERATED = 74


def real_events() -> list[str]:
    """Return the events of OpenLineage's compatibility tests as JSON texts."""
    if not CORPUS.is_file():
        return [event() for _ in range(_GENERATED)]
    return [json.dumps(json.loads(line)["event"]) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
