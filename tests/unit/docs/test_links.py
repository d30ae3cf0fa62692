"""Links between documents lead somewhere, and the README is short."""

from __future__ import annotations

import posixpath
import re
import unicodedata

import pytest

from tests.fixtures.documents import ROOT, documents, prose

_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_README_BYTES = 8192
# Where AWS, pytest and others document what pages talk of.
_OUTSIDE = re.compile(r"https?://")


def anchors_of(text: str) -> set[str]:
    """Return the anchors of a document's headings, as GitHub and MkDocs make them."""
    return {_slug(heading) for heading in _HEADING.findall(prose(text))}


def _slug(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", re.sub(r"[`*]", "", heading)).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def relative_links() -> list[tuple[str, str]]:
    """Return each document with each of its links that is no address."""
    links = [(name, link["target"]) for name, text in documents().items() for link in _LINK.finditer(prose(text))]
    return [(name, target) for name, target in links if not _OUTSIDE.match(target)]


@pytest.mark.parametrize(("document", "target"), relative_links())
def test_a_link_leads_to_a_file_and_a_heading(document, target):
    path, _, anchor = target.partition("#")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(document), path)) if path else document

    assert file in documents() or (ROOT / file).exists(), f"{file} is not there"
    assert not anchor or anchor in anchors_of(documents()[file]), f"{file} has no heading {anchor!r}"


def test_the_readme_is_short():
    assert len(documents()["README.md"].encode()) <= _README_BYTES


def test_every_page_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [name.removeprefix("docs/") for name in documents() if name.startswith("docs/")]

    assert [page for page in pages if page not in navigation] == []
