"""The lineage graph around a node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from airflow_provider_dzlineage.catalog.client import Catalog

_BY_IDENTIFIER = attrgetter("source_identifier")


@dataclass(frozen=True)
class Node:
    """One lineage node.

    :param id: DataZone's id of it.
    :param name: for a person.
    :param type_name: what it is, such as a job or a dataset.
    :param source_identifier: what a catalogued asset is matched by.
    """

    id: str
    name: str
    type_name: str
    source_identifier: str


@dataclass(frozen=True)
class Graph:
    """The nodes around one node and the edges between them.

    :param root: id of the node in the middle.
    :param nodes: id to node, the root included.
    :param edges: pairs of ids; data flows from the first to the second.
    """

    root: str
    nodes: Mapping[str, Node] = field(default_factory=dict)
    edges: frozenset[tuple[str, str]] = frozenset()

    def upstream(self, node_id: str) -> list[Node]:
        """Return the nodes that data comes from, by source identifier."""
        return self._sorted(source for source, target in self.edges if target == node_id)

    def downstream(self, node_id: str) -> list[Node]:
        """Return the nodes that data goes to, by source identifier."""
        return self._sorted(target for source, target in self.edges if source == node_id)

    def _sorted(self, ids: Iterable[str]) -> list[Node]:
        return sorted((self.nodes[node_id] for node_id in ids if node_id in self.nodes), key=_BY_IDENTIFIER)

    def to_dict(self) -> dict[str, Any]:
        """Return the graph as a JSON value."""
        return {
            "root": self.root,
            "nodes": [
                {
                    "id": node.id,
                    "name": node.name,
                    "typeName": node.type_name,
                    "sourceIdentifier": node.source_identifier,
                }
                for node in sorted(self.nodes.values(), key=_BY_IDENTIFIER)
            ],
            "edges": [{"source": source, "target": target} for source, target in sorted(self.edges)],
        }


def read_graph(catalog: Catalog, identifier: str, depth: int) -> Graph:
    """Return the nodes and edges around a node, both ways.

    :param identifier: the node's id or its ``sourceIdentifier``.
    :param depth: how many edges to follow each way.
    :raises CatalogError: when a node is not there or DataZone does not answer.
    """
    root = catalog.get_node(identifier)
    nodes = {root["id"]: _node(root)}
    edges: set[tuple[str, str]] = set()
    for direction in ("upstreamNodes", "downstreamNodes"):
        frontier, seen = [root], {root["id"]}
        for _ in range(depth):
            neighbour_ids: dict[str, None] = {}
            for node in frontier:
                for neighbour in node.get(direction, []):
                    edge = (neighbour["id"], node["id"])
                    edges.add(edge if direction == "upstreamNodes" else edge[::-1])
                    neighbour_ids.setdefault(neighbour["id"])
            frontier = [catalog.get_node(node_id) for node_id in neighbour_ids if node_id not in seen]
            seen |= neighbour_ids.keys()
            nodes |= {node["id"]: _node(node) for node in frontier}
    return Graph(root["id"], nodes, frozenset(edges))


def _node(response: Mapping[str, Any]) -> Node:
    identifier = response.get("sourceIdentifier", "")
    return Node(response["id"], response.get("name") or identifier, response["typeName"], identifier)
