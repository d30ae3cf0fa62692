"""A real Airflow on this machine, for the demo, the story and the end-to-end tests."""
