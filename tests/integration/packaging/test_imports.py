"""Modules that are imported often, or where little is installed: what a fresh interpreter loads for them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_table_of_error_codes_costs_no_import_of_the_sdk():
    code = "import sys, airflow_provider_dzlineage.aws.error_codes as e; print([m for m in sys.modules if 'boto' in m])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_importing_the_configuration_of_transports_brings_neither_airflow_nor_the_openlineage_client():
    code = "import sys, airflow_provider_dzlineage.transport_config; print({n.partition('.')[0] for n in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = ast.literal_eval(done.stdout)
    assert "airflow_provider_dzlineage" in loaded
    assert not loaded & {"airflow", "openlineage", "boto3", "botocore", "yaml", "requests"}


def test_provider_information_imports_the_standard_library_only() -> None:
    # given a fresh interpreter that has imported what its own site-packages bring at its start
    script = """if True:
        import sys
        before = set(sys.modules)
        from airflow_provider_dzlineage.get_provider_info import get_provider_info
        get_provider_info()
        print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
    """

    # when it asks for the provider information
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)

    # then no package was imported but ours: no Airflow, no boto3, no OpenLineage, no jsonschema
    assert set(done.stdout.split()) - sys.stdlib_module_names == {"airflow_provider_dzlineage"}
