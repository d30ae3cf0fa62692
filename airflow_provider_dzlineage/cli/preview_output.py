"""Previews for people."""

from __future__ import annotations

import difflib
import json
import sys
from collections import Counter
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from airflow_provider_dzlineage.cli.output import printable
from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.jobs import Job
from airflow_provider_dzlineage.lineage.pipeline import Outcome
from airflow_provider_dzlineage.lineage.preview import Preview

_STYLES = {
    Outcome.POSTED: "green",
    Outcome.MERGED: "cyan",
    Outcome.SKIPPED: "yellow",
    Outcome.DEAD_LETTERED: "bold red",
    Outcome.RELEASED: "bold red",
}
# As many as a person reads; the JSON has them all.
_MOST_NAMES = 50
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def print_preview(preview: Preview, known: Mapping[str, bool] | None) -> None:
    """Print a block of lines for one event.

    :param known: for each dataset whether the catalog has it; None when that was not looked up.
    """
    _print((preview.place, "bold"), "  ", (preview.verdict, _STYLES[preview.outcome]), _why(preview))
    if preview.subject:
        _print("  ", (preview.subject, "dim"))
    for change in preview.changes:
        for old, new in change.renames:
            _print("  ", (change.transform, "magenta"), f": {_name(old)}\n    → {_name(new)}")
        for old_job, new_job in change.job_renames:
            _print("  ", (change.transform, "magenta"), f": job {_job(old_job)}\n    → {_job(new_job)}")
        if change.changes_more:
            _print("  ", (change.transform, "magenta"), ": changed, see --diff")
        if change.why:
            _print("    ", (f"because {change.why}", "dim"))
    for united in preview.united:
        name = f"{united['namespace']}  {united['name']}"
        _print("  ", ("united", "magenta"), f": {united['count']} {united['side']} are now {name}")
    if preview.identifiers:
        _print(f"  job    {preview.identifiers.job}")
        for side, names in (("reads", preview.identifiers.inputs), ("writes", preview.identifiers.outputs)):
            for name in names[:_MOST_NAMES]:
                _print(f"  {side:6} {name}", _in_catalog(name, known))
            if len(names) > _MOST_NAMES:
                _print("  ", (f"{side:6} {len(names) - _MOST_NAMES:,} more, see --json", "dim"))
    if preview.size_after is not None:
        _print(f"  size   {preview.size_before:,} → {preview.size_after:,} bytes")
    for hint in preview.hints:
        _print("  ", ("hint", "yellow"), f"   {hint}")
    for lost in preview.lost:
        _print("  ", ("left out", "yellow"), f": {lost['count']} times {lost['what']}, {lost['bytes']:,} bytes")


def print_diff(preview: Preview) -> None:
    """Print the lines in which an event would change."""
    if preview.before is None or preview.after is None:
        return
    try:
        before, after = (
            json.dumps(event, indent=2, ensure_ascii=False, sort_keys=True).splitlines()
            for event in (preview.before, preview.after)
        )
    except RecursionError:
        _print("  nested too deeply to be shown")
        return
    for line in list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]:
        _print("  ", (line, _DIFF_STYLES.get(line[0], "")))


def print_sums(counts: Counter[str]) -> None:
    """Print how many events come to which end."""
    sums = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    _print(f"{counts.total()} events: {sums}" if counts else "no events")


def _why(preview: Preview) -> str:
    if preview.outcome is Outcome.MERGED:
        return f" with {preview.with_place}"
    return "".join(f": {part}" for part in (preview.reason, preview.detail) if part)


def _in_catalog(name: str, known: Mapping[str, bool] | None) -> tuple[str, str]:
    if known is None:
        return "", ""
    return ("  in the catalog", "green") if known[name] else ("  not in the catalog", "yellow")


def _name(dataset: Dataset) -> str:
    return f"{dataset.namespace}  {dataset.name}"


def _job(job: Job) -> str:
    return f"{job.namespace}.{job.name}"


def _print(*parts: str | tuple[str, str]) -> None:
    text = Text()
    for part in parts:
        content, style = part if isinstance(part, tuple) else (part, "")
        text.append("\n".join(map(printable, content.split("\n"))), style)
    # Names in one piece: what is copied from here has to be right.
    Console(file=sys.stdout, soft_wrap=True, highlight=False).print(text)
