"""From settings to a pipeline."""

import json
from importlib.metadata import EntryPoint

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.event import json_bytes
from airflow_provider_dzlineage.lineage.pipeline import Outcome
from airflow_provider_dzlineage.lineage.rules import from_settings as module
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.settings.site import DEFAULT_TRANSFORMS, load_settings


def no_client(service, region):
    raise AssertionError(f"{service} is asked")


def pipeline(**settings):
    return pipeline_of(load_settings(settings, environment={}), no_client)


def prepared(event, **settings):
    """Return the event as the pipeline of these settings lets it through."""
    return pipeline(**settings).prepare(json_bytes(event)).event.data


def reason_to_skip(event, **settings):
    """Return why the pipeline of these settings skips an event; empty when it does not."""
    decision = pipeline(**settings).prepare(json_bytes(event))
    assert decision.outcome is (Outcome.SKIPPED if decision.reason else Outcome.POSTED)
    return decision.reason


def shout(event):
    return {**event, "job": {**event["job"], "name": event["job"]["name"].upper()}}


def test_by_default_the_safe_ones_run_in_their_order():
    assert tuple(named.name for named in pipeline().transforms) == DEFAULT_TRANSFORMS


def test_names_and_paths_in_any_form():
    for value in (
        f"glue, {__name__}.shout",
        f'["glue", "{__name__}.shout"]',
        ["glue", f"{__name__}.shout"],
    ):
        assert [named.name for named in pipeline(transforms=value).transforms] == [
            "glue",
            f"{__name__}.shout",
        ]


def test_an_own_transform_by_its_path(make_event):
    assert prepared(make_event("load"), transforms=f"{__name__}.shout")["job"]["name"] == "LOAD"


def test_an_own_transform_by_an_entry_point(make_event, monkeypatch):
    found = EntryPoint("shout", "tests.unit.lineage.rules.test_from_settings:shout", module.ENTRY_POINTS)
    monkeypatch.setattr(module, "entry_points", lambda group, name: [found] if name == found.name else [])

    assert prepared(make_event("load"), transforms="shout")["job"]["name"] == "LOAD"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("gleu", "there is no 'gleu'; there are redact, symlinks"),
        ("no_module_of_this_name.transform", "cannot be imported"),
        ("tests.unit.lineage.rules.test_from_settings.nothing", "cannot be imported"),
        ("tests.golden.no_module.transform", "cannot be imported: ModuleNotFoundError"),
        ("airflow_provider_dzlineage.__version__", "is not a function"),
    ],
)
def test_one_that_is_not_there_is_named(name, problem):
    with pytest.raises(ConfigurationError, match=problem):
        pipeline(transforms=name)


@pytest.mark.parametrize("text", ["raise NameError('x')", "def transform(event)"])
def test_whatever_a_users_module_raises_is_a_configuration_error(tmp_path, monkeypatch, text):
    (tmp_path / "broken_transforms.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ConfigurationError, match=r"cannot be imported: (Name|Syntax)Error"):
        pipeline(transforms="broken_transforms.transform")


def test_no_transform_at_all(make_event):
    event = make_event("load")

    assert prepared(event, transforms="[]") == event


def test_athena_takes_the_account_of_the_queue(make_event):
    event = make_event("load")
    event["inputs"] = [{"namespace": "awsathena://athena.eu-west-1.amazonaws.com", "name": "AwsDataCatalog.db.orders"}]

    def name_with(**settings):
        (dataset,) = prepared(event, **settings)["inputs"]
        return dataset["namespace"]

    assert (
        name_with(queue_url="https://sqs.eu-west-1.amazonaws.com/123456789012/q")
        == "arn:aws:glue:eu-west-1:123456789012"
    )
    assert name_with(account_id="210987654321") == "arn:aws:glue:eu-west-1:210987654321"
    assert name_with().startswith("awsathena:")


def test_redshift_takes_what_the_setting_tells(make_event):
    event = make_event("load")
    event["outputs"] = [{"namespace": "redshift://analytics.eu-west-1:5439", "name": "dev.public.orders"}]
    known = {"analytics": {"account": "123456789012", "kind": "serverless"}}

    (dataset,) = prepared(event, redshift=json.dumps(known))["outputs"]

    assert dataset["namespace"] == "redshift://analytics.123456789012.eu-west-1.redshift-serverless.amazonaws.com:5439"


def test_each_filter_has_its_settings(make_event):
    event = make_event("load")
    event["inputs"] = [{"namespace": "s3://lake", "name": "a"}]
    globs = {
        "jobs": ("load", "filtered_job"),
        "job_namespaces": (event["job"]["namespace"], "filtered_job_namespace"),
        "producers": (event["producer"], "filtered_producer"),
        "dataset_namespaces": ("*", "filtered_dataset_namespace"),
    }
    for what, (glob, reason) in globs.items():
        assert reason_to_skip(event, **{f"exclude_{what}": glob}) == reason
        assert reason_to_skip(event, **{f"include_{what}": "nothing"}) == reason
        assert reason_to_skip(event, **{f"include_{what}": glob}) == ""


def test_what_draws_nothing_may_be_wanted(make_event):
    event = make_event("load") | {"inputs": [], "outputs": []}

    assert reason_to_skip(event) == "draws_nothing"
    assert prepared(event, skip_empty="false") == event


def test_dead_letters_are_cleaned_when_events_are():
    text = "password='geheim'"

    assert pipeline().redact_text(text) == "password='***'"
    assert pipeline(transforms="glue").redact_text(text) == text


@pytest.mark.parametrize(
    ("settings", "last"),
    [
        ({"job_names": r"_\d{1,8}$"}, "job_names"),
        ({"namespaces": {"jobs": {"tests": "prod"}}}, "namespaces"),
        ({"facets": {"drop": ["debug"]}}, "facets"),
    ],
)
def test_who_sets_what_a_transform_needs_wants_it_done(settings, last):
    assert [named.name for named in pipeline(**settings).transforms] == [*DEFAULT_TRANSFORMS, last]


def test_where_it_stands_among_the_transforms_it_stays():
    named = pipeline(transforms="job_names,glue", job_names="x").transforms

    assert [each.name for each in named] == ["job_names", "glue"]


def test_a_pattern_may_have_a_comma(make_event):
    cut = prepared(make_event("load_20260101"), transforms="job_names", job_names=r"_\d{1,8}$")

    assert cut["job"]["name"] == "load"


@pytest.mark.parametrize(
    ("queue_url", "region"),
    [("https://sqs.eu-west-1.amazonaws.com/123456789012/q", "eu-west-1"), (None, "eu-north-1")],
)
def test_a_warehouse_without_a_region_lies_where_the_queue_does(make_event, monkeypatch, queue_url, region):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    # The SDK for Python does not read this one, so it counts last.
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    known = {"10.0.0.5": {"account": "123456789012", "kind": "provisioned", "name": "dw"}}
    event = make_event(inputs=[{"namespace": "redshift://10.0.0.5:5439", "name": "d.s.t"}])

    repaired = prepared(event, redshift=known, queue_url=queue_url)

    assert repaired["inputs"][0]["namespace"] == f"redshift://dw.123456789012.{region}.redshift.amazonaws.com:5439"
