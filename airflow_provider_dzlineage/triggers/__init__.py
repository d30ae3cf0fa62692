"""Airflow triggers: what sensors wait by in the triggerer."""
