"""Amazon DataZone as a lineage catalog. Knows neither Airflow nor SQS."""
