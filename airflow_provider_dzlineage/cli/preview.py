"""``dzlineage preview``: what the forwarder would do to each event."""

from __future__ import annotations

import argparse
import difflib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, islice

from rich.text import Text

from airflow_provider_dzlineage.buffer.codec import escape_refused
from airflow_provider_dzlineage.catalog.client import Catalog, catalog_of
from airflow_provider_dzlineage.cli.command import Commands, ExitCode, add_command, add_settings, settings_of
from airflow_provider_dzlineage.cli.files import check_files, read_with_bar
from airflow_provider_dzlineage.cli.output import line_console, printable_lines, reading_bar
from airflow_provider_dzlineage.errors import NotFoundError, RefusedError
from airflow_provider_dzlineage.lineage.pipeline import Outcome, Pipeline
from airflow_provider_dzlineage.lineage.preview import Preview, preview, with_merges
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.lineage.rules.redshift_lookup import lookup_client
from airflow_provider_dzlineage.settings.site import RULES

_EXAMPLES = """\
  dzlineage preview events.jsonl
  dzlineage preview --merge always --diff events.jsonl
  dzlineage preview --json events.jsonl | jq .identifiers.outputs
  dzlineage preview --domain-id dzd_4xkb1c3v5n7m9q events.jsonl     # also asks the catalog for the names
"""
# As many as the forwarder has in flight together, at most.
_WINDOW = 500
# GetLineageNode has a quota too; a preview is in no hurry.
_PAUSE_SECONDS = 0.1

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


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    parser = add_command(
        commands, "preview", "Show what the forwarder would do with each event; sends nothing.", _EXAMPLES
    )
    help_text = "events as JSON lines, or a file of OpenLineage's file transport; - for standard input"
    parser.add_argument("files", nargs="+", metavar="FILE", help=help_text)
    parser.add_argument("--json", action="store_true", help="print each event as one line of JSON")
    parser.add_argument("--diff", action="store_true", help="show each event's changes as a diff")
    add_settings(parser, "queue_url", "domain_id", "domain_region_name", "merge", *RULES)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Preview every event of the files."""
    check_files(arguments.files)
    settings = settings_of(arguments)
    # Only with the domain on the command line: otherwise the command needs no AWS.
    is_known = _node_lookup(catalog_of(settings)) if arguments.domain_id else None
    counts: Counter[str] = Counter()
    needs_a_look = False
    previews = _previews(arguments.files, pipeline_of(settings, lookup_client))
    for each in _merged(previews) if settings.merge == "always" else previews:
        counts[each.verdict] += 1
        needs_a_look = needs_a_look or each.needs_a_look
        names = (*each.identifiers.inputs, *each.identifiers.outputs) if each.identifiers else ()
        known = {name: is_known(name) for name in names} if is_known else None
        if arguments.json:
            print(json.dumps(each.to_dict() | ({"in_catalog": known} if known is not None else {})))
            continue
        print_preview(each, known)
        if arguments.diff:
            print_diff(each)
    if not arguments.json:
        print_sums(counts)
    return ExitCode.NEEDS_A_LOOK if needs_a_look else ExitCode.OK


def _previews(paths: Iterable[str], pipeline: Pipeline) -> Iterator[Preview]:
    with reading_bar() as bar:
        for line in chain.from_iterable(read_with_bar(bar, path) for path in paths):
            if line.event is None:
                yield Preview(line.place, Outcome.DEAD_LETTERED, reason="not_json", detail=line.problem)
            else:
                # As a message would hold it.
                body = escape_refused(line.text).encode("utf-8")
                yield preview(line.place, line.event, pipeline, body)


def _merged(previews: Iterator[Preview]) -> Iterator[Preview]:
    while window := list(islice(previews, _WINDOW)):
        yield from with_merges(window)


def _node_lookup(catalog: Catalog) -> Callable[[str], bool]:
    """Return a function that looks a name up in the catalog, each name once."""

    @cache
    def is_known(name: str) -> bool:
        time.sleep(_PAUSE_SECONDS)
        try:
            catalog.get_node(name)
        except (NotFoundError, RefusedError, UnicodeEncodeError):
            # Refused: no node can have such a name, for example one that is too long.
            return False
        return True

    return is_known


def print_preview(preview: Preview, known: Mapping[str, bool] | None) -> None:
    """Print a block of lines for one event.

    :param known: for each dataset whether the catalog has it; None when that was not looked up.
    """
    why = "".join(f": {part}" for part in (preview.reason, preview.detail) if part)
    if preview.outcome is Outcome.MERGED:
        why = f" with {preview.with_place}"
    _print((preview.place, "bold"), "  ", (preview.verdict, _STYLES[preview.outcome]), why)
    if preview.subject:
        _print("  ", (preview.subject, "dim"))
    for change in preview.changes:
        renames = [(f"{old.namespace}  {old.name}", f"{new.namespace}  {new.name}") for old, new in change.renames]
        renames += [
            (f"job {old.namespace}.{old.name}", f"{new.namespace}.{new.name}") for old, new in change.job_renames
        ]
        effects = [f"{old}\n    → {new}" for old, new in renames]
        effects += ["changed, see --diff"] if change.changes_more else []
        for effect in effects:
            _print("  ", (change.transform, "magenta"), f": {effect}")
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


def _in_catalog(name: str, known: Mapping[str, bool] | None) -> tuple[str, str]:
    if known is None:
        return "", ""
    return ("  in the catalog", "green") if known[name] else ("  not in the catalog", "yellow")


def _print(*parts: str | tuple[str, str]) -> None:
    styled = (part if isinstance(part, tuple) else (part, "") for part in parts)
    line_console().print(Text.assemble(*((printable_lines(content), style) for content, style in styled)))
