import pytest

from airflow_provider_dzlineage.lineage.naming_hints import naming_hints


def event_with(namespace, name):
    dataset = {"namespace": namespace, "name": name}
    return {"run": {"runId": "r"}, "job": {"namespace": "n", "name": "j"}, "inputs": [dataset], "outputs": [dataset]}


@pytest.mark.parametrize(
    ("namespace", "name", "says"),
    [
        ("redshift://10.0.0.5:5439", "db.s.t", "'redshift'"),
        ("redshift://c.123456789012.eu-west-1.redshift.amazonaws.com:5439", "s.t", "<database>.<schema>.<table>"),
        ("awsathena://athena.eu-west-1.amazonaws.com", "AwsDataCatalog.db.t", "'account_id'"),
        ("arn:aws:glue:eu-west-1:123456789012", "t", "table/<database>/<table>"),
        ("arn:aws:s3tables:eu-west-1:123456789012:bucket/b", "t", "<catalog>.<database>.<table>"),
    ],
)
def test_a_name_that_no_asset_can_have_is_told_once_with_its_repair(namespace, name, says):
    (hint,) = naming_hints(event_with(namespace, name))

    assert hint.startswith(f"{namespace}  {name} links to no asset: ")
    assert says in hint


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("redshift://c.123456789012.eu-west-1.redshift.amazonaws.com:5439", "db.s.t"),
        ("arn:aws:glue:eu-west-1:123456789012", "table/db/t"),
        ("s3://lake", "raw"),
        ("postgres://db:5432", "db.s.t"),
    ],
)
def test_other_names_need_no_repair(namespace, name):
    assert naming_hints(event_with(namespace, name)) == []


def test_events_without_datasets_have_none():
    assert naming_hints({"run": {"runId": "r"}, "job": {"namespace": "n", "name": "j"}}) == []
