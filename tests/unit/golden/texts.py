"""The golden files: what becomes of each form of a name and of each real event, for a person to read.

``make golden`` writes them anew; ``git diff`` shows what a change has changed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from airflow_provider_dzlineage.cli.preview import print_preview
from airflow_provider_dzlineage.lineage.pipeline import Pipeline
from airflow_provider_dzlineage.lineage.preview import preview, with_merges
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.settings.site import load_settings
from tests.unit.golden.forms import FORMS, SETTINGS, Form, event_of

FOLDER = Path(__file__).parent
CORPUS = FOLDER.parents[3] / "shared" / "corpus" / "openlineage-compatibility.jsonl"


def site_pipeline() -> Pipeline:
    """Return the pipeline of a site that leaves nothing to be looked up."""
    return pipeline_of(load_settings(SETTINGS, environment={}), _no_client)


def names() -> str:
    """Tell of each form of a name what DataZone sees."""
    pipeline = site_pipeline()
    return "\n".join(_described(form, pipeline) for form in FORMS)


def corpus() -> str:
    """Tell of each event of the corpus what would be posted, if all were in hand together."""
    pipeline = site_pipeline()
    previews = [preview(source, event, pipeline) for source, event in _corpus_events()]
    written = io.StringIO()
    with redirect_stdout(written):
        for each in with_merges(previews):
            print_preview(each, None)
    return written.getvalue()


def _described(form: Form, pipeline: Pipeline) -> str:
    result = preview("", event_of(form), pipeline)
    assert result.after, result
    assert result.identifiers
    (after,) = result.after["inputs"]
    (field,) = result.after["outputs"][0]["facets"]["columnLineage"]["fields"]["id"]["inputFields"]
    assert (field["namespace"], field["name"]) == (after["namespace"], after["name"])
    lines = [form.producer, f"  source {form.source}", f"  sent   {form.namespace}  {form.name}"]
    if form.symlink:
        lines.append(f"         with the symlink {'  '.join(form.symlink)}")
    transforms = ", ".join(change.transform for change in result.changes)
    lines.append(f"  posted {after['namespace']}  {after['name']}" if transforms else "  posted as it is")
    lines += [f"  is     {result.identifiers.inputs[0]}", f"  by     {transforms or 'nothing'}", ""]
    return "\n".join(lines)


def _corpus_events() -> Iterator[tuple[str, dict[str, Any]]]:
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        value = json.loads(line)
        yield value["source"], value["event"]


def _no_client(service: str, region: str) -> Any:
    raise AssertionError(f"{service} is asked in {region}")


GOLDEN = {"names.txt": names, "corpus.txt": corpus}

if __name__ == "__main__":
    for file, text in GOLDEN.items():
        (FOLDER / file).write_text(text(), encoding="utf-8")
        print(f"{FOLDER / file}")
