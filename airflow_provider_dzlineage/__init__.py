"""OpenLineage events from Airflow, dbt and Spark into Amazon SageMaker Catalog (Amazon DataZone)."""

__version__ = "0.1.0"
