"""Names of real producers and real events become what the golden files show; ``make golden`` writes these anew."""

import pytest

from airflow_provider_dzlineage.lineage.event import json_bytes
from tests.unit.golden.forms import FORMS, event_of
from tests.unit.golden.texts import CORPUS, FOLDER, GOLDEN, site_pipeline


@pytest.mark.parametrize("file", GOLDEN)
def test_what_becomes_of_it_is_what_the_golden_file_shows(file):
    if file == "corpus.txt" and not CORPUS.exists():
        pytest.skip("the corpus of OpenLineage's compatibility tests is not beside this checkout")

    assert GOLDEN[file]() == (FOLDER / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.producer)
def test_what_was_repaired_stays_as_it_is(form):
    pipeline = site_pipeline()
    repaired = pipeline.prepare(json_bytes(event_of(form))).event

    assert pipeline.prepare(repaired.body).event == repaired
