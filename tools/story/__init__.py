"""The story: Spark, dbt and Airflow in one graph."""
