"""Airflow transfers: operators that move data from one system to another."""
