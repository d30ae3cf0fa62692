"""Airflow sensors: they wait for something to be so."""
