"""Two forwarding DAGs: each drains a queue of its own into a domain of its own.

Their ids start with ``dzlineage_forward``, by which their own lineage is recognised and dropped on every Airflow.
"""

# Airflow looks for the words "airflow" and "dag" in a file before it imports it.
from airflow_provider_dzlineage.forwarding_dag import forwarding_dag

europe = forwarding_dag(
    "dzlineage_forward_europe",
    queue_url="https://sqs.eu-west-1.amazonaws.com/123456789012/openlineage",
    domain_id="dzd_4xkb1c3v5n7m9q",
    domain_region_name="eu-west-1",
)

america = forwarding_dag(
    "dzlineage_forward_america",
    queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/openlineage",
    domain_id="dzd_5ylc2d4w6p8n0r",
    domain_region_name="us-east-1",
    # Airflow connections with roles of the other account.
    sqs_conn_id="aws_america",
    datazone_conn_id="aws_america",
    # This domain sees few events: look for new ones less often.
    schedule="*/15 * * * *",
)
