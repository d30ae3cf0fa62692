"""The Amazon SQS queue between producers and the forwarder. Knows neither Airflow nor DataZone."""
