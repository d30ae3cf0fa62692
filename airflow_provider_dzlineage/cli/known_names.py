"""Which names the catalog knows."""

from __future__ import annotations

import time

from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.errors import NotFoundError, RefusedError
from airflow_provider_dzlineage.lineage.preview import Preview

# GetLineageNode has a quota too; a preview is in no hurry.
_PAUSE_SECONDS = 0.1


class KnownNames:
    """Asks the catalog for names, for each once.

    :param catalog: the domain.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: dict[str, bool] = {}

    def of(self, preview: Preview) -> dict[str, bool]:
        """Tell for each dataset of an event whether the catalog has a node of its identifier.

        :raises CatalogError: when DataZone does not answer.
        """
        if preview.identifiers is None:
            return {}
        return {name: self._is_known(name) for name in (*preview.identifiers.inputs, *preview.identifiers.outputs)}

    def _is_known(self, name: str) -> bool:
        if name not in self._known:
            time.sleep(_PAUSE_SECONDS)
            try:
                self._catalog.get_node(name)
                self._known[name] = True
            except (NotFoundError, RefusedError, UnicodeEncodeError):
                # Refused: no node can have such a name, for example one that is too long.
                self._known[name] = False
        return self._known[name]
