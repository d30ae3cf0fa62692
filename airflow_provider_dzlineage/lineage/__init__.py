"""What an OpenLineage event is: parse, validate, identify, encode. Knows neither AWS nor Airflow."""
