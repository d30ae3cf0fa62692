"""The texts for Spark, Glue and EMR, as their readers take them apart."""

from __future__ import annotations

import json
import shlex

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transport_config import (
    GLUE_ENVIRONMENT,
    DataZone,
    Http,
    KeyFromSecret,
    KeyFromVariable,
    KeyInClear,
    Sqs,
    emr_configuration,
    glue_job_parameters,
    glue_script_lines,
    hints,
    spark_conf,
    spark_defaults,
    spark_submit_arguments,
)

URL = "https://lineage.example.com"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:openlineage-key-AbCdEf"
LISTENER = "io.openlineage.spark.agent.OpenLineageSparkListener"
QUEUE = Sqs(queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/lineage")

words = st.text(st.sampled_from("abcXYZ019._-/:;[]{}\\$'\"%=,"), min_size=1, max_size=20)
keys = st.text(st.sampled_from("abcXYZ019._-"), min_size=1, max_size=20).map("spark.x.{}".format)


def glue_reads(value):
    """Take the value of ``--conf`` apart as Glue does: it is put behind one ``--conf`` of ``spark-submit``."""
    arguments = ["--conf", *value.split(" ")]
    assert arguments[::2] == ["--conf"] * (len(arguments) // 2)
    return dict(pair.split("=", 1) for pair in arguments[1::2])


def properties_reads(text):
    """Read lines as java.util.Properties does, as far as they use it."""
    pairs = (line.split(" ", 1) for line in text.splitlines())
    return {key: value.replace("\\\\", "\\") for key, value in pairs}


def test_the_listener_finds_the_endpoint_in_both_of_its_generations():
    assert spark_conf(Http(url=f"{URL}/prod"), namespace="spark-prod", account_id="123456789012") == {
        "spark.extraListeners": LISTENER,
        "spark.openlineage.transport.type": "http",
        # With a path here, 1.12 would drop what it does not know, and 1.53 refuse to have an endpoint too.
        "spark.openlineage.transport.url": URL,
        "spark.openlineage.transport.endpoint": "/prod/api/v1/lineage",
        "spark.openlineage.namespace": "spark-prod",
        "spark.glue.accountId": "123456789012",
    }


@pytest.mark.parametrize(
    "url",
    [
        *(URL, f"{URL}/", f"{URL}/api/v1", f"{URL}/api/v1/"),
        *(f"{URL}/api/v1/lineage", f"{URL}/api/v1/lineage/", f"{URL}:443/api/v1/lineage"),
    ],
)
def test_however_the_endpoint_is_written_the_path_is_the_same(url):
    conf = spark_conf(Http(url=url))

    assert conf["spark.openlineage.transport.endpoint"] == "/api/v1/lineage"
    assert conf["spark.openlineage.transport.url"].removesuffix(":443") == URL


def test_options_that_old_listeners_lack_are_written_only_when_they_are_set():
    asked = spark_conf(Http(url=URL, gzip=True, timeout=2.5)).items() - spark_conf(Http(url=URL)).items()

    assert dict(asked) == {
        "spark.openlineage.transport.compression": "gzip",
        "spark.openlineage.transport.timeoutInMillis": "2500",
    }


@pytest.mark.parametrize("key", [None, KeyFromVariable(), KeyFromSecret(ARN)])
def test_a_key_by_reference_is_in_no_text(key):
    destination = Http(url=URL, api_key=key)

    texts = [
        spark_defaults(destination),
        *spark_submit_arguments(destination),
        *glue_job_parameters(destination).values(),
    ]

    assert not any("auth" in text or "openlineage-key" in text for text in texts)


def test_a_key_in_clear_is_written_and_hinted_at_where_others_read_it():
    destination = Http(url=URL, api_key=KeyInClear("k-1"))

    assert "spark.openlineage.transport.auth.apiKey k-1\n" in spark_defaults(destination)
    assert hints(spark_defaults(destination)) == []
    for text in (shlex.join(["spark-submit", *spark_submit_arguments(destination)]), glue_job_parameters(destination)):
        (hint,) = hints(text)
        assert "command line" in hint
        assert "k-1" not in hint
    assert "k-1" not in repr(destination)


def test_datazone_itself():
    conf = spark_conf(DataZone(domain_id="dzd_4xkb1c3v5n7m9q", region_name="eu-west-1"))

    assert conf == {
        "spark.extraListeners": LISTENER,
        "spark.openlineage.transport.type": "amazon_datazone_api",
        "spark.openlineage.transport.domainId": "dzd_4xkb1c3v5n7m9q",
        "spark.openlineage.transport.endpointOverride": "https://datazone.eu-west-1.api.aws",
    }


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"])
def test_the_endpoint_of_datazone_is_the_one_that_botocore_knows(region):
    conf = spark_conf(DataZone(domain_id="dzd_x", region_name=region))

    url = boto3.client("datazone", region_name=region).meta.endpoint_url
    assert conf["spark.openlineage.transport.endpointOverride"] == url


@pytest.mark.parametrize("write", [spark_conf, spark_defaults, spark_submit_arguments, glue_job_parameters])
def test_there_is_no_way_into_the_queue(write):
    with pytest.raises(ConfigurationError, match="no transport into SQS"):
        write(QUEUE)


@given(st.dictionaries(keys, words, max_size=5))
def test_further_settings_arrive_unchanged_in_every_text(further):
    destination = Http(url=URL, api_key=KeyInClear("k-1"))
    made = spark_conf(destination, environment_variables=GLUE_ENVIRONMENT, conf=further)

    assert further.items() <= made.items()
    assert glue_reads(glue_job_parameters(destination, conf=further)["--conf"]) == made
    written = spark_defaults(destination, environment_variables=GLUE_ENVIRONMENT, conf=further)
    assert properties_reads(written) == made
    line = shlex.join(spark_submit_arguments(destination, environment_variables=GLUE_ENVIRONMENT, conf=further))
    assert dict(pair.split("=", 1) for pair in shlex.split(line)[1::2]) == made
    (classification,) = emr_configuration(destination, conf=further)
    assert further.items() <= json.loads(json.dumps(classification))["Properties"].items()


@pytest.mark.parametrize("key", ["spark x", "spark=x", "spark:x"])
def test_a_key_that_would_end_early_is_refused(key):
    with pytest.raises(ConfigurationError, match="cannot stand"):
        spark_conf(Http(url=URL), conf={key: "1"})


@pytest.mark.parametrize("value", ["a\nspark.y 2", "a\x00", ""])
def test_a_value_that_would_end_early_is_refused(value):
    with pytest.raises(ConfigurationError, match="cannot stand"):
        spark_conf(Http(url=URL), conf={"spark.x": value})


def test_a_blank_ends_only_glues_value():
    assert spark_conf(Http(url=URL), conf={"spark.x": "a b"})["spark.x"] == "a b"
    with pytest.raises(ConfigurationError, match="blank"):
        glue_job_parameters(Http(url=URL), conf={"spark.x": "a b"})


def test_other_listeners_stay():
    conf = spark_conf(Http(url=URL), conf={"spark.extraListeners": f"com.example.Mine,{LISTENER}"})

    assert conf["spark.extraListeners"] == f"{LISTENER},com.example.Mine"


def test_a_glue_job_has_what_datazone_needs_to_name_its_tables():
    parameters = glue_job_parameters(
        Http(url=URL), jars=["s3://lib/a.jar", "s3://lib/b.jar"], account_id="123456789012", job_name="load"
    )

    conf = glue_reads(parameters.pop("--conf"))
    assert parameters == {"--extra-jars": "s3://lib/a.jar,s3://lib/b.jar", "--user-jars-first": "true"}
    assert conf["spark.glue.accountId"] == "123456789012"
    assert conf["spark.glue.JOB_NAME"] == "load"
    assert (
        conf["spark.openlineage.facets.custom_environment_variables"]
        == "[AWS_DEFAULT_REGION;GLUE_VERSION;GLUE_COMMAND_CRITERIA;GLUE_PYTHON_VERSION;]"
    )


def test_glue_5_brings_its_own_jars():
    assert glue_job_parameters(DataZone(domain_id="dzd_local")).keys() == {"--conf"}


def test_a_glue_script_takes_the_key_from_secrets_manager():
    lines = glue_script_lines(Http(url=URL, api_key=KeyFromSecret(ARN)))

    compile(lines, "job.py", "exec")
    assert f'region_name="eu-west-1").get_secret_value(SecretId="{ARN}")' in lines
    assert glue_script_lines(Http(url=URL, api_key=KeyFromVariable())) == ""


def test_emr_finds_the_key_by_its_own_kind_of_reference():
    destination = Http(url=URL, api_key=KeyFromSecret(ARN))

    (cluster,) = emr_configuration(destination)
    (serverless,) = emr_configuration(destination, serverless=True, jars=["s3://lib/a.jar"])

    assert cluster["Classification"] == serverless["classification"] == "spark-defaults"
    assert cluster["Properties"]["EMR.secret@spark.openlineage.transport.auth.apiKey"] == ARN
    assert serverless["properties"]["spark.openlineage.transport.auth.apiKey"] == f"EMR.secret@{ARN}"
    assert serverless["properties"]["spark.jars"] == "s3://lib/a.jar"
    assert hints([cluster]) == hints([serverless]) == []
