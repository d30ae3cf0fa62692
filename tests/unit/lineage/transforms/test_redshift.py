"""The setting ``redshift``: hosts, clusters and workgroups that a site has described."""

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.transforms.redshift import KnownWarehouses, Warehouse

CLUSTER = Warehouse("provisioned", "analytics", "111111111111", "eu-west-1")


@pytest.mark.parametrize(
    ("key", "host", "name", "region"),
    [
        ("analytics", "analytics.abc.eu-west-1.redshift.amazonaws.com", "analytics", "eu-west-1"),
        ("Analytics.eu-west-1", "analytics.eu-west-1", "analytics", "eu-west-1"),
        ("analytics.eu-west-1", "analytics.abc.eu-west-1.redshift.amazonaws.com", "analytics", "eu-west-1"),
        ("vpce-1.redshift.eu-west-1.vpce.amazonaws.com", "vpce-1.redshift.eu-west-1.vpce.amazonaws.com", None, None),
    ],
)
def test_a_warehouse_is_found_by_its_key(key, host, name, region):
    static = {key: {"account": "111111111111", "kind": "provisioned", "name": "analytics"}}

    assert KnownWarehouses(static).find(host, name, region) == CLUSTER


@pytest.mark.parametrize("key", ["10.0.0.5", "10.0.0.5:5439", "redshift://10.0.0.5:5439", "redshift://10.0.0.5/"])
def test_an_address_is_known_as_people_copy_it(key):
    value = {"account": "111111111111", "kind": "provisioned", "name": "Analytics", "region": "eu-west-1"}

    assert KnownWarehouses({key: value}).find("10.0.0.5", None, None) == CLUSTER


def test_an_address_without_a_region_lies_where_the_catalog_does():
    value = {"account": "111111111111", "kind": "provisioned", "name": "analytics"}

    assert KnownWarehouses({"10.0.0.5": value}, "eu-west-1").find("10.0.0.5", None, None) == CLUSTER
    with pytest.raises(ConfigurationError, match=r"'10\.0\.0\.5' needs a 'region'"):
        KnownWarehouses({"10.0.0.5": value})


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("text", "must be an object"),
        ({"account": "1", "kind": "provisioned"}, "'account' of twelve digits"),
        ({"account": "111111111111", "kind": "cluster"}, "'kind', provisioned or serverless"),
        ({"account": "111111111111", "kind": "serverless", "regio": "x"}, "unknown 'regio'"),
    ],
)
def test_a_wrong_setting_is_refused_with_an_example(value, problem):
    with pytest.raises(ConfigurationError, match=f"'redshift': 'analytics' .*{problem}.*for example"):
        KnownWarehouses({"analytics": value})
