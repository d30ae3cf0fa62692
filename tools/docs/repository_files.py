"""Files of the repository that are pages of the documentation too, with their links turned to the pages."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Page of the documentation -> file of the repository.
PAGES = {
    "index.md": "README.md",
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "security-policy.md": "SECURITY.md",
    "http-endpoint-attacks.md": "airflow_provider_dzlineage/receiver/README.md",
}
_LINK = re.compile(r"(?P<mark>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")


def with_links_to_pages(text: str, file: str) -> str:
    """Return a text whose links to files of the repository lead to their pages.

    :param text: Markdown whose links are right in the repository.
    :param file: where the page lies in the documentation; its source may be elsewhere, see :data:`PAGES`.
    """
    source = posixpath.dirname(PAGES.get(file, f"docs/{file}"))
    return _LINK.sub(lambda link: _turned(link, source, posixpath.dirname(file)), text)


def _turned(link: re.Match[str], source: str, folder: str) -> str:
    if "://" in link["target"]:
        return link[0]
    target = posixpath.normpath(posixpath.join(source, link["target"]))
    page = next((page for page, file in PAGES.items() if file == target), None)
    if page is None and target.startswith("docs/"):
        page = target.removeprefix("docs/")
    if page is None:
        # A file that the documentation does not have, such as an example: its name stays.
        return link["text"]
    return f"{link['mark']}[{link['text']}]({posixpath.relpath(page, folder or '.')}{link['anchor'] or ''})"
