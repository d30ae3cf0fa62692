"""Airflow operators, and what the transfers share with them."""
