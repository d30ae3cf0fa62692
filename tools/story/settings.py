"""What the site of the story has set."""

from __future__ import annotations

import json

from airflow_provider_dzlineage.settings import DEFAULT_TRANSFORMS

GLUE_TABLES = "arn:aws:glue:us-east-1:123456789012:table"
FINAL_TABLE = "arn:aws:redshift:us-east-1:123456789012:table/analytics/dev/reports/customers"
TRANSFORMS = ",".join((*DEFAULT_TRANSFORMS, "tools.story.names.duckdb_as_glue"))
# What a look-up would tell where there is an Amazon Redshift.
REDSHIFT = json.dumps({"analytics.us-east-1": {"account": "123456789012", "kind": "provisioned"}})
