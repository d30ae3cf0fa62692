"""Extension of griffe: roles and code blocks of docstrings, which are in Sphinx's form, become Markdown."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from griffe import Extension, Object

_ROLE = re.compile(r":(?:py:)?(?:class|func|meth|mod|data|attr|exc|ref):`(~?)\.*([^`]+)`")
_CODE_BLOCK = re.compile(r"^( *)\.\. code-block:: (\w+)\n\n((?:\1 +.*\n|\n)+)", re.MULTILINE)


class SphinxRoles(Extension):
    """Turns :class:`~a.b.C` into C and ``.. code-block::`` into fences."""

    def on_instance(self, *, obj: Object, **_: Any) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring:
            text = _CODE_BLOCK.sub(_fence, f"{obj.docstring.value}\n")
            obj.docstring.value = _ROLE.sub(_name, text).rstrip()


def _name(role: re.Match[str]) -> str:
    return f"`{role[2].rpartition('.')[2] if role[1] else role[2]}`"


def _fence(block: re.Match[str]) -> str:
    code = textwrap.indent(textwrap.dedent(block[3]).strip("\n"), block[1])
    return f"{block[1]}```{block[2]}\n{code}\n{block[1]}```\n\n"
