"""The fixtures of these tests."""

from tests.fixtures.packaging import airflow_python, image, installable_image, run, uv, wheel
