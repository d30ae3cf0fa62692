"""The fixtures of these tests."""

from tests.fixtures.images import airflow_python, image, installable_image, run, uv, wheel
