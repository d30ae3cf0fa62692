"""``dzlineage serve``: the HTTP endpoint."""

from __future__ import annotations

import argparse
import os
from dataclasses import fields

from airflow_provider_dzlineage.cli.command import (
    Commands,
    ExitCode,
    add_command,
    add_settings,
    port_number,
    settings_of,
)
from airflow_provider_dzlineage.cli.output import message_console
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.receiver.authentication import authentication_of
from airflow_provider_dzlineage.receiver.endpoint import Endpoint
from airflow_provider_dzlineage.receiver.options import ReceiverOptions, receiver_options
from airflow_provider_dzlineage.receiver.sending import Sender, open_queue
from airflow_provider_dzlineage.settings.loader import describe

_EXAMPLES = """\
  DZLINEAGE_API_KEYS="spark=$(openssl rand -hex 32)" dzlineage serve
  dzlineage serve --api-keys-file keys.txt --host 0.0.0.0 --port 8080
  dzlineage serve --no-auth
"""


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    parser = add_command(
        commands, "serve", "Receive OpenLineage events over HTTP and put them into the buffer.", _EXAMPLES
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1; 0.0.0.0: all interfaces)"
    )
    parser.add_argument(
        "--port", type=port_number, default=5000, metavar="N", help="port to listen on (default 5000; 0: any free port)"
    )
    parser.add_argument("--no-auth", action="store_true", help="accept events from everybody, without a key")
    add_settings(parser, "queue_url", "region_name", "api_keys_file", "api_keys_secret")
    group = parser.add_argument_group(
        "endpoint", "each also as an environment variable, for example DZLINEAGE_MAX_BODY_BYTES"
    )
    for option in describe(ReceiverOptions):
        if option.name != "auth":
            help_text = f"{option.help.replace('``', '')} Default: {option.default or 'none'}."
            group.add_argument(f"--{option.name.replace('_', '-')}", metavar="VALUE", help=help_text)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    try:
        from airflow_provider_dzlineage.receiver.asgi import ReceiverApp
        from airflow_provider_dzlineage.receiver.server import run_server
    except ImportError as error:
        raise ConfigurationError(
            f"{error.name} is not installed", fix="pip install 'airflow-provider-dzlineage[receiver]'"
        ) from error
    flags = {option.name: getattr(arguments, option.name, None) for option in fields(ReceiverOptions)}
    options = receiver_options(flags | ({"auth": "none"} if arguments.no_auth else {}), os.environ)
    if options.auth in ("iam", "jwt"):
        message = f"auth {options.auth!r} needs an API Gateway in front of AWS Lambda"
        raise ConfigurationError(message, fix="use keys here")
    settings = settings_of(arguments)
    authentication = authentication_of(options, settings)
    sender = Sender(open_queue(settings))
    app = ReceiverApp(Endpoint(options, authentication, is_fifo=sender.is_fifo), sender)
    if options.auth == "none":
        message_console().print(
            "[yellow]warning:[/] everybody who can reach this endpoint can write lineage", soft_wrap=True
        )

    def announce(url: str) -> None:
        paths = ", ".join(f"{prefix}/lineage" for prefix in options.prefixes)
        print(f"{url} takes OpenLineage events: POST {paths}", flush=True)

    run_server(app, arguments.host, arguments.port, announce)
    return ExitCode.INTERRUPTED
