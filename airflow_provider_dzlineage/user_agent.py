"""How requests to AWS name this package."""

from __future__ import annotations

from airflow_provider_dzlineage import __version__

# Given as a whole: botocore would build its own anew for each request, which is a fifth of what a request costs.
USER_AGENT = f"airflow-provider-dzlineage/{__version__}"
