"""``dzlineage graph``: the lineage around a node."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from rich.markup import escape
from rich.tree import Tree

from airflow_provider_dzlineage.aws.clients import client_config
from airflow_provider_dzlineage.catalog.client import catalog_of
from airflow_provider_dzlineage.catalog.graph import Graph, Node, read_graph
from airflow_provider_dzlineage.cli.command import (
    Commands,
    ExitCode,
    add_command,
    add_settings,
    positive_int,
    settings_of,
)
from airflow_provider_dzlineage.cli.output import drawing_console
from airflow_provider_dzlineage.errors import NotFoundError

_EXAMPLES = """\
  dzlineage graph arn:aws:glue:us-east-1:123456789012:table/sales/orders
  dzlineage graph s3://lake/raw/orders --depth 4
  dzlineage graph airflow.daily_sales.load --json
"""
# Many nodes are read one after the other; a throttled read is tried again.
_CLIENT_CONFIG = client_config(connect_seconds=5, read_seconds=30, attempts=8)


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    parser = add_command(commands, "graph", "Show the lineage around a node, as a tree.", _EXAMPLES)
    parser.add_argument("id", metavar="ID", help="the node's id or its sourceIdentifier")
    parser.add_argument(
        "--depth", type=positive_int, default=6, metavar="N", help="edges to follow in each direction (default 6)"
    )
    parser.add_argument("--json", action="store_true", help="print nodes and edges as JSON")
    add_settings(parser, "domain_id", "domain_region_name")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the graph."""
    catalog = catalog_of(settings_of(arguments), _CLIENT_CONFIG)
    try:
        graph = read_graph(catalog, arguments.id, arguments.depth)
    except NotFoundError as error:
        fix = f"{error.fix}; check the identifier too: dzlineage preview shows those that an event draws"
        raise NotFoundError(error.message, error.code, error.request_id, fix=fix) from error
    if arguments.json:
        print(json.dumps(graph.to_dict(), indent=2))
    else:
        drawing_console().print(tree_of(graph))
    return ExitCode.OK


def tree_of(graph: Graph) -> Tree:
    """Draw a graph: the node, what it is made from, and what is made from it."""
    tree = Tree(_label(graph.nodes[graph.root]))
    for title, neighbours in (("made from", graph.upstream), ("goes to", graph.downstream)):
        if neighbours(graph.root):
            _grow(tree.add(f"[dim]{title}[/]"), neighbours, graph.root, {graph.root})
    return tree


def _grow(branch: Tree, neighbours: Callable[[str], list[Node]], node_id: str, drawn: set[str]) -> None:
    for node in neighbours(node_id):
        if node.id in drawn:
            branch.add(f"{_label(node)} [dim](above)[/]")
            continue
        drawn.add(node.id)
        _grow(branch.add(_label(node)), neighbours, node.id, drawn)


def _label(node: Node) -> str:
    kind = node.type_name.rsplit(".", 1)[-1].removesuffix("NodeType").removesuffix("Lineage").lower()
    return f"[bold]{escape(node.source_identifier or node.name)}[/] [dim]{escape(kind)}[/]"
