"""``python -m airflow_provider_dzlineage.cli``."""

import sys

from airflow_provider_dzlineage.cli import main

sys.exit(main())
