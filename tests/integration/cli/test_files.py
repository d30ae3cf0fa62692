"""The standard input of a process as a file of events."""

from __future__ import annotations

import subprocess
import sys

EVENT = '{"a": 1}\n'


def test_the_standard_input_by_its_path():
    code = (
        "from airflow_provider_dzlineage.cli.files import *\n"
        "from airflow_provider_dzlineage.cli.output import reading_bar\n"
        "check_files(['/dev/stdin', '-'])\n"
        "with reading_bar() as bar: print([line.place for line in read_with_bar(bar, '/dev/stdin')])"
    )

    done = subprocess.run([sys.executable, "-c", code], input=EVENT, capture_output=True, text=True, check=True)

    assert done.stdout == "['/dev/stdin:1']\n"
