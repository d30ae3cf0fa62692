"""What a shell makes of the startup script of Amazon MWAA."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from airflow_provider_dzlineage.transport_config import Http, KeyFromSecret, mwaa_startup_script

ENDPOINT = Http(url="https://lineage.example.com", api_key=KeyFromSecret("openlineage-key"))


def test_the_startup_script_brings_the_key(tmp_path):
    script = mwaa_startup_script(ENDPOINT)
    # A Python that says what it was told to run.
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\nprintf "%s" "$2" >"$0.program"\necho the-key\n', encoding="utf-8")
    python.chmod(0o755)
    run = f'{script}\nprintf %s "$OPENLINEAGE_API_KEY"'

    done = subprocess.run(
        ["sh", "-c", run], env={"PATH": f"{tmp_path}:/bin"}, capture_output=True, text=True, check=True
    )

    assert done.stdout == "the-key"
    program = Path(f"{python}.program").read_text(encoding="utf-8")
    compile(program, "startup", "exec")
    assert "SecretId='openlineage-key'" in program
    assert shlex.split(script, comments=True)[0] == "export"
