"""Programs in strings would import past import-linter, whose contracts are in pyproject.toml."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PACKAGE = Path(__file__).parents[3] / "airflow_provider_dzlineage"
IMPORT = re.compile(r"^\s*(?:from|import) (?:airflow|airflow_provider_dzlineage)\b", re.MULTILINE)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def programs(path: Path) -> list[str]:
    """Return the strings of a module, but for its docstrings, that import the package or Airflow."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)}
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [text for text in texts if text not in docstrings and IMPORT.search(text)]


def test_a_program_in_a_string_is_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""import airflow"""\nPROGRAM = "import sys\\nfrom airflow.configuration import conf"\n')

    assert programs(module) == ["import sys\nfrom airflow.configuration import conf"]


def test_no_module_holds_a_program_in_a_string() -> None:
    found = {str(path.relative_to(PACKAGE)): programs(path) for path in PACKAGE.rglob("*.py")}

    assert {name: texts for name, texts in found.items() if texts} == {}
