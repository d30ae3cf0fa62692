"""Run by the interpreter of an Airflow: prints, as JSON, what that Airflow made of our provider information."""

from __future__ import annotations

import json
from pkgutil import resolve_name

from airflow.configuration import conf
from airflow.providers_manager import ProvidersManager

PACKAGE = "airflow_provider_dzlineage"


def class_paths(value: object) -> list[str]:
    """Return every string in a nested value that names something of our package."""
    if isinstance(value, dict):
        return [path for item in value.values() for path in class_paths(item)]
    if isinstance(value, list):
        return [path for item in value for path in class_paths(item)]
    return [value] if isinstance(value, str) and value.startswith(f"{PACKAGE}.") else []


manager = ProvidersManager()
provider = manager.providers["airflow-provider-dzlineage"]
manager.initialize_providers_configuration()
answer = {
    "version": provider.version,
    "classes": {path: resolve_name(path).__name__ for path in class_paths(provider.data)},
    "extra_links": [path for path in manager.extra_links_class_names if path.startswith(PACKAGE)],
    "defaults": {
        name: conf.get("dzlineage", name, fallback=None) for name in provider.data["config"]["dzlineage"]["options"]
    },
}
print(json.dumps(answer))
