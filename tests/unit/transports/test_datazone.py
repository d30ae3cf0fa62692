from __future__ import annotations

import copy
import json
import pickle

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.settings.site import DEFAULT_TRANSFORMS, RULES
from airflow_provider_dzlineage.transports.datazone import DataZoneConfig

DOMAIN = "dzd_4xkb1c3v5n7m9q"


def test_the_domain_is_enough():
    config = DataZoneConfig.from_dict({"domain_id": DOMAIN})

    assert (config.settings.domain_id, config.timeout, config.region_name) == (DOMAIN, 5.0, None)
    assert config.settings.transforms == DEFAULT_TRANSFORMS


def test_each_rule_is_a_key():
    values = {name: {"drop": ["debug"]} if name in ("redshift", "namespaces", "facets") else "false" for name in RULES}
    values["account_id"] = "123456789012"

    settings = DataZoneConfig.from_dict({"domain_id": DOMAIN, **values}).settings

    assert settings.facets == {"drop": ["debug"]}
    assert settings.skip_empty is False
    assert settings.exclude_jobs == ("false",)


def test_what_is_not_set_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("DZLINEAGE_DOMAIN_ID", DOMAIN)
    monkeypatch.setenv("DZLINEAGE_EXCLUDE_JOBS", "scratch.*,tmp.*")
    monkeypatch.setenv("DZLINEAGE_SKIP_EMPTY", "false")

    settings = DataZoneConfig.from_dict({"exclude_jobs": "mine.*"}).settings

    assert settings.domain_id == DOMAIN
    assert settings.exclude_jobs == ("mine.*",)
    assert settings.skip_empty is False


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("account_id", "123456789012", "123456789012"),
        ("skip_empty", "false", False),
        ("exclude_jobs", "2024", ("2024",)),
        ("exclude_jobs", '["a", 7]', ("a", "7")),
        ("transforms", "redact,glue", ("redact", "glue")),
        ("redshift", '{"a.eu-west-1": {"name": "a"}}', {"a.eu-west-1": {"name": "a"}}),
    ],
)
def test_values_from_environment_variables_may_be_of_another_type(key, text, value):
    try:
        as_the_client_parses_it = json.loads(text)
    except ValueError:
        as_the_client_parses_it = text

    config = DataZoneConfig.from_dict({"domain_id": DOMAIN, key: as_the_client_parses_it})

    assert getattr(config.settings, key) == value


def test_keys_that_the_client_adds_are_no_mistake():
    assert DataZoneConfig.from_dict({"domain_id": DOMAIN, "type": "x", "name": "first", "priority": 1}).timeout == 5.0


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "DataZoneTransport: key 'domain_id' is missing; for example {"),
        ({"domainId": DOMAIN}, "key 'domainId' is unknown; there are account_id, domain_id, endpoint_url, "),
        ({"domain_id": DOMAIN, "queue_url": "https://q"}, "key 'queue_url' is unknown"),
        ({"domain_id": DOMAIN, "timeout": 0}, "key 'timeout' must be a number of seconds"),
        ({"domain_id": DOMAIN, "skip_empty": "perhaps"}, "DataZoneTransport: setting 'skip_empty': must be true or"),
        ({"domain_id": DOMAIN, "facets": "drop"}, "setting 'facets': is not valid JSON"),
    ],
)
def test_a_mistake_is_named_with_a_right_example(params, message):
    with pytest.raises(ConfigurationError) as caught:
        DataZoneConfig.from_dict(params)

    assert message in str(caught.value)
    assert "for example" in str(caught.value)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda config: pickle.loads(pickle.dumps(config))])
def test_a_configuration_can_be_copied(again):
    config = DataZoneConfig.from_dict({"domain_id": DOMAIN, "role_arn": "arn", "facets": {"drop": ["debug"]}})

    assert again(config) == config
