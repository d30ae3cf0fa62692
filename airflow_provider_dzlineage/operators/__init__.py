"""Airflow operators, and the base class of those that settings configure."""
