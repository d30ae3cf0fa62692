"""``dzlineage serve`` as far as its flags go; the endpoint itself is tested in ``tests/receiver``."""

from __future__ import annotations

import pytest

from airflow_provider_dzlineage.cli import main
from airflow_provider_dzlineage.cli.command import ExitCode


@pytest.mark.parametrize("port", ["65536", "99999", "-1", "", "http", "5000.0", "\u0665", "9" * 5_000])
@pytest.mark.parametrize("command", [("serve", "--port"), ("local", "--port"), ("local", "--datazone-port")])
def test_a_port_that_is_none_is_refused(port, command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([command[0], f"{command[1]}={port}"])

    assert caught.value.code == ExitCode.USAGE
    assert f"{command[1]}: must be 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "65535"])
def test_other_ports_are_not(port, capsys):
    # Without a queue it does not come to listen.
    assert main(["serve", "--no-auth", f"--port={port}"]) == ExitCode.USAGE
    assert "queue_url" in capsys.readouterr().err
