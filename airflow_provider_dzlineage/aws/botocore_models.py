"""The lineage operations of DataZone for an older botocore, which does not know them yet.

Amazon MWAA 2.10.3 pins botocore 1.35.36, which has no ``GetLineageEvent`` and no ``ListLineageEvents``, hides the id
that ``PostLineageEvent`` answers, and sends the idempotency token where DataZone does not look for it. botocore merges
``*.sdk-extras.json`` files of its search path into a service model (see ``botocore.loaders``); ours describes all this
as the service model of botocore 1.43 does.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

_EXTRAS = str(Path(__file__).parent / "botocore_extras")


def complete_lineage_operations(session: Any) -> None:
    """Add every lineage operation to the DataZone clients of a session.

    :param session: a ``boto3.Session`` or botocore session that has not made a DataZone client yet.
    """
    if _botocore_is_complete():
        return
    loader = getattr(session, "_session", session).get_component("data_loader")
    if _EXTRAS not in loader.search_paths:
        loader.search_paths.append(_EXTRAS)


@cache
def _botocore_is_complete() -> bool:
    model = Loader().load_service_model("datazone", "service-2")
    token = model["shapes"]["PostLineageEventInput"]["members"]["clientToken"]
    return "ListLineageEvents" in model["operations"] and token["location"] == "header"
