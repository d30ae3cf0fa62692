"""The forwarding DAG: copy this file to your DAG folder as it is.

Settings come from the [dzlineage] section of the Airflow configuration, or from DZLINEAGE_* variables.
"""

from airflow_provider_dzlineage.forwarding_dag import forwarding_dag

# Airflow looks for the words "airflow" and "dag" in a file before it imports it.
dag = forwarding_dag()
