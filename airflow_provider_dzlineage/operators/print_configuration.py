"""A program that prints what Airflow has configured, as one line of JSON: ``dzlineage doctor`` runs it with ``-m``."""

from __future__ import annotations

import sys


def main() -> None:
    """Print the :class:`~..doctor.openlineage.OpenLineageOptions`."""
    if not getattr(sys.flags, "safe_path", False):
        # Python puts the working directory first, which may hold a folder of a package's name. What imports packages
        # is therefore imported below.
        del sys.path[0]
    import json
    from dataclasses import asdict

    from airflow_provider_dzlineage.operators.doctor import openlineage_options

    print(json.dumps(asdict(openlineage_options())))


if __name__ == "__main__":
    main()
