"""The demo: a pipeline in a real Airflow, and its lineage through a local SQS into a local DataZone."""
