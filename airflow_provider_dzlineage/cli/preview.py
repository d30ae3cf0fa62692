"""``dzlineage preview``: what the forwarder would do to each event."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from airflow_provider_dzlineage.buffer.codec import escape_refused
from airflow_provider_dzlineage.catalog.client import Catalog, catalog_of
from airflow_provider_dzlineage.cli.command import Commands, ExitCode, add_command, add_settings, settings_of
from airflow_provider_dzlineage.cli.files import check_files, read_with_bar
from airflow_provider_dzlineage.cli.output import reading_bar
from airflow_provider_dzlineage.cli.preview_output import print_diff, print_preview, print_sums
from airflow_provider_dzlineage.errors import NotFoundError, RefusedError
from airflow_provider_dzlineage.lineage.pipeline import Outcome, Pipeline
from airflow_provider_dzlineage.lineage.preview import Preview, preview, with_merges
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.lineage.rules.redshift_lookup import lookup_client
from airflow_provider_dzlineage.settings import RULES

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
    names = _KnownNames(catalog_of(settings)) if arguments.domain_id else None
    counts: Counter[str] = Counter()
    needs_a_look = False
    previews = _previews(arguments.files, pipeline_of(settings, lookup_client))
    for each in _windows(previews, merges=settings.merge == "always"):
        counts[each.verdict] += 1
        needs_a_look = needs_a_look or each.needs_a_look
        known = names.of(each) if names else None
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


def _windows(previews: Iterator[Preview], *, merges: bool) -> Iterator[Preview]:
    if not merges:
        yield from previews
        return
    while window := list(islice(previews, _WINDOW)):
        yield from with_merges(window)


class _KnownNames:
    """Looks up names in the catalog, each once.

    :param catalog: the domain.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: dict[str, bool] = {}

    def of(self, preview: Preview) -> dict[str, bool]:
        """Return for each dataset of an event whether the catalog has a node of its identifier.

        :raises CatalogError: when DataZone does not answer.
        """
        if preview.identifiers is None:
            return {}
        return {name: self._is_known(name) for name in (*preview.identifiers.inputs, *preview.identifiers.outputs)}

    def _is_known(self, name: str) -> bool:
        if name not in self._known:
            time.sleep(_PAUSE_SECONDS)
            try:
                self._catalog.get_node(name)
                self._known[name] = True
            except (NotFoundError, RefusedError, UnicodeEncodeError):
                # Refused: no node can have such a name, for example one that is too long.
                self._known[name] = False
        return self._known[name]
