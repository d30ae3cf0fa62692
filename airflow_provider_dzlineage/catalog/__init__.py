"""Amazon DataZone: lineage events, their processing, and the graph of one domain. Knows no Airflow."""
