"""OpenLineage events: the pipeline that repairs and trims them for DataZone. No AWS call but look-ups, no Airflow."""
