"""What all calls of AWS share: error codes, ARNs and queue URLs, deadlines and retries."""

from airflow_provider_dzlineage import __version__

# Given as a whole: botocore would build its own anew for each request, which is a fifth of what a request costs.
USER_AGENT = f"airflow-provider-dzlineage/{__version__}"
