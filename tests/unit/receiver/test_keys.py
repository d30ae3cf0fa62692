"""What a list of API keys may say."""

from __future__ import annotations

import json

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.receiver.keys import parse_keys

KEY = "b" * 24


def test_a_key_may_be_limited_to_namespaces():
    (key,) = parse_keys(json.dumps({"dbt": {"key": KEY, "namespaces": ["dbt-*"]}}), "the test")

    assert (key.may_write("dbt-eu"), key.may_write("spark")) == (True, False)


@pytest.mark.parametrize("field", ["namespace", "Namespaces", "namespaces ", "", KEY])
@pytest.mark.parametrize("in_list", [False, True])
def test_a_misspelt_field_does_not_make_a_key_unlimited(field, in_list):
    value = {"key": KEY, field: ["dbt-*"]}

    with pytest.raises(ConfigurationError, match=r"dbt has a field that is neither 'key' nor 'namespaces'") as caught:
        parse_keys(json.dumps({"dbt": [value] if in_list else value}), "the test")
    assert KEY not in str(caught.value)
