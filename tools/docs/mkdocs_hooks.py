"""Hooks of MkDocs: pages that are generated, and a check that the built site needs nothing from the internet."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from tools.docs.command_line import command_line_page
from tools.docs.repository_files import PAGES, ROOT, with_links_to_pages
from tools.docs.settings import settings_page

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

_LOADED = re.compile(r'<(?:script|img|iframe|link(?! rel="canonical"))\b[^>]*\b(?:src|href)="(?:https?:)?//[^"]*"')


_GENERATED = {"reference/command-line.md": command_line_page, "reference/settings.md": settings_page}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are not files of ``docs/``, or are only stand-ins there."""
    texts = {page: (ROOT / file).read_text(encoding="utf-8") for page, file in PAGES.items()}
    texts |= {page: generate() for page, generate in _GENERATED.items()}
    for page, text in texts.items():
        if stand_in := files.get_file_from_path(page):
            files.remove(stand_in)
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Turn links to files of the repository into links to their pages."""
    return with_links_to_pages(markdown, page.file.src_uri)


def on_post_build(config: MkDocsConfig) -> None:
    """Fail when a page loads something from another host.

    :raises PluginError: with the page and what it loads.
    """
    for page in Path(config.site_dir).rglob("*.html"):
        if found := _LOADED.search(page.read_text(encoding="utf-8")):
            raise PluginError(f"{page}: loads from another host: {found[0]}")
