"""Known mistakes, in the forms in which users have them."""

from __future__ import annotations

import json

import pytest

from airflow_provider_dzlineage.transport_config import Http, KeyFromSecret, glue_script_lines, hints

SQS = "airflow_provider_dzlineage.transports.sqs.SqsTransport"
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
RIGHT = '{"type": "http", "url": "https://h", "endpoint": "api/v1/lineage"}'
LISTENER = "spark.extraListeners=io.openlineage.spark.agent.OpenLineageSparkListener"
SPARK = f"{LISTENER} --conf spark.openlineage.transport.type=http --conf spark.openlineage.transport.url=https://h"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        # The transport itself.
        ('{"kind": "http", "url": "https://h"}', 'write "type", not "kind"'),
        ('{"url": "https://h"}', 'no "type"'),
        ('{"type": "HTTP", "url": "https://h"}', 'write "type": "http"'),
        ('{"type": "sqs", "queue_url": "https://q"}', SQS),
        ('{"type": "amazon_datazone", "domainId": "dzd_x"}', 'write "type": "amazon_datazone_api"'),
        ('{"type": "carrier-pigeon"}', "none that the OpenLineage client knows"),
        ('{"type": "http", "url": "https://h/api/v1/lineage"}', '"url" ends in a path'),
        ('{"type": "http", "url": "https://[h"}', '"url" cannot be read'),
        ('{"type": "http", "url": "https://h:abc"}', '"url" cannot be read'),
        ('{"type": "http", "url": "https://h", "auth": {"type": "api_key", "apiKey": " "}}', "key is empty"),
        ('{"type": "http", "url": "https://h?api_key=abc"}', "more than a host"),
        ('{"type": "http", "url": "https://h", "endpoint": "https://h/api/v1/lineage"}', "the path alone"),
        ('{"type": "http"}', 'has to have "url"'),
        ('{"type": "http", "url": "https://h", "timeout": 5000}', "in seconds"),
        ('{"type": "http", "url": "https://h", "headers": {}}', 'write "custom_headers", not "headers"'),
        ('{"type": "http", "url": "https://h", "auth": {"apiKey": "${K}"}}', '"type": "api_key"'),
        ('{"type": "http", "url": "https://h", "auth": {"type": "api_key", "apikey": "${K}"}}', 'write "apiKey"'),
        ('{"type": "http", "url": "https://h", "auth": {"type": "api_key", "apiKey": "Bearer ${K}"}}', '"Bearer"'),
        ('{"type": "http", "url": "https://h", "auth": {"type": "api_key", "apiKey": "abc"}}', "in clear"),
        ('{"type": "http", "url": "http://h", "auth": {"type": "api_key", "apiKey": "${K}"}}', "use https"),
        (f'{{"type": "{SQS}", "queueUrl": "{QUEUE}"}}', 'write "queue_url", not "queueUrl"'),
        (f'{{"type": "{SQS}"}}', 'has to have "queue_url"'),
        ('{"type": "amazon_datazone_api", "domain_id": "dzd_x"}', 'write "domainId", not "domain_id"'),
        ('{"type": "composite", "transports": [{"kind": "http", "url": "https://h"}]}', 'write "type", not "kind"'),
        ('{"type": "composite", "transports": {"a": {"type": "http"}}}', 'has to have "url"'),
        ('{"type": "http", "url": "https://h", "aspects": {}}', "write facets, not aspects"),
        # What stands around it.
        (f"'{RIGHT}'", "quotes"),
        (json.dumps(RIGHT), "quotes"),
        (f"openlineage.transport = '{RIGHT}'", "quotes"),
        (f"[openlineage]\ntransport = '{RIGHT}'", "quotes"),
        ("[openlineage]\ntransport = http", "not a JSON object"),
        (json.dumps({"openlineage.transport": f"'{RIGHT}'"}), "quotes"),
        ("transport:\n  kind: http\n  url: https://h\n", 'write "type", not "kind"'),
        ("transport:\n  type: http\n  url: https://h\naspects:\n  disabled: []\n", "write facets, not aspects"),
        # What YAML takes, and Airflow does not.
        ("{'type': 'http', 'url': 'https://h'}", "double quotes"),
        ("{type: http, url: https://h}", "double quotes"),
        ("{'type': 'http', 'url': 'https://h/api'}", '"url" ends in a path'),
        ('{"type": "http", "url": "https://h"', "double quotes"),
        ("AIRFLOW__OPENLINEAGE__TRANSPORT={'type': 'http', 'url': 'https://h'}", "not a JSON object"),
        # Variables.
        ("export OPENLINEAGE__TRANSPORT__KIND=http", "write type, not kind"),
        ("OPENLINEAGE_TRANSPORT__TYPE=http", "two underscores"),
        ("openlineage__transport__type=http", "in capitals"),
        ("OPENLINEAGE__TRANSPORT_TYPE=http", "two underscores"),
        ("AIRFLOW_OPENLINEAGE__TRANSPORT={}", "two underscores"),
        ("OPENLINEAGE_URL=https://h/api/v1/lineage", "OPENLINEAGE_URL ends in a path"),
        ("OPENLINEAGE_URL=https://h/api/v1/lineage", "in OPENLINEAGE_ENDPOINT"),
        ("OPENLINEAGE_URL=https://h?api_key=abc", "belongs into OPENLINEAGE_API_KEY"),
        ("OPENLINEAGE_URL=http://h\nOPENLINEAGE_API_KEY=abc", "use https"),
        ("OPENLINEAGE__TRANSPORT={'type': 'http'}", "OPENLINEAGE__TRANSPORT is not valid JSON"),
        ("OPENLINEAGE__TRANSPORT__AUTH__APIKEY='\"${K}\"'", "__API_KEY"),
        (
            "OPENLINEAGE__TRANSPORT__TYPE=amazon_datazone_api\nOPENLINEAGE__TRANSPORT__DOMAINID=dzd_x",
            "lower-cases the names of variables",
        ),
        # Spark.
        (f"spark-submit --conf {SPARK}/api/v1/lineage job.py", "url ends in a path"),
        (f"--conf {SPARK} --conf spark.openlineage.transport.auth.apiKey=abc", "command line"),
        (f"--conf={SPARK} --conf=spark.openlineage.transport.auth.apiKey=abc", "command line"),
        (f"-c {SPARK} -c spark.openlineage.transport.auth.apiKey=abc", "command line"),
        (f"--conf {SPARK} --conf spark.openlineage.transport.headers.X-Api-Key=abc", "command line"),
        (f"--conf {SPARK} --conf spark.openlineage.transport.transports.a.auth.apiKey=abc", "command line"),
        (f"--conf {SPARK}:abc", "url cannot be read"),
        (f"--conf {SPARK} --conf spark.openlineage.transport.kind=http", "transport.type, not"),
        (f"--conf {SPARK} --conf spark.openlineage.aspects.custom_environment_variables=[A;]", "facets."),
        (f"--conf {SPARK} --conf spark.openlineage.facets.custom_environment_variables=A,B", "in [ ]"),
        (f"--conf {SPARK} --conf spark.openlineage.transport.apikey=abc", "auth.apiKey"),
        ("spark.openlineage.transport.type http\nspark.openlineage.transport.url https://h", "nothing listens"),
        (f"{LISTENER}\nspark.openlineage.host https://h", "write spark.openlineage.transport.url"),
        (f"{LISTENER}\nspark.openlineage.transport.type {SQS}", "none into SQS"),
        (f"{LISTENER}\nspark.openlineage.transport.type amazon_datazone_api", "domainId is missing"),
        (json.dumps({"--conf": f"--conf {SPARK}"}), "begins with its first setting"),
        (json.dumps({"--conf": SPARK.replace(" --conf", "")}), "--conf of its own"),
        (json.dumps({"--conf": SPARK, "--extra-jars": "s3://a/b.jar"}), "--user-jars-first"),
        (
            json.dumps([{"Classification": "spark-defaults", "Properties": {"spark.openlineage.transport.kind": "x"}}]),
            "transport.type, not",
        ),
        # What holds it.
        (json.dumps({"Job": {"Name": "load", "DefaultArguments": {"--conf": f"--conf {SPARK}"}}}), "first setting"),
        (json.dumps({"Environment": {"AirflowConfigurationOptions": {"openlineage.transport": "{"}}}), "not a JSON"),
        (json.dumps({"options": {"openlineage.transport": '{"kind": "http"}'}}), 'write "type", not "kind"'),
        (
            json.dumps(
                {
                    "Configurations": [
                        {"Classification": "hive-site", "Properties": {"hive.x": "y"}},
                        {"Classification": "spark-defaults", "Properties": {"spark.openlineage.transport.kind": "x"}},
                    ]
                }
            ),
            "transport.type, not",
        ),
        (json.dumps({"Job": {"DefaultArguments": {"--job-language": "python"}}}), "nothing here"),
        (glue_script_lines(Http(url="https://h", api_key=KeyFromSecret("k"))), "a script, which cannot be checked"),
        # Nothing at all.
        ("", "nothing here"),
        ("hello", "nothing here"),
        ("a: [", "not YAML"),
    ],
)
def test_a_known_mistake_gets_a_hint_that_repeats_no_key(text, part):
    found = hints(text)

    assert any(part in hint for hint in found), found
    assert all("\n" not in hint and "abc" not in hint for hint in found)


@pytest.mark.parametrize(
    "text",
    [
        RIGHT,
        f"openlineage.transport = {RIGHT}",
        f"# the cfg of all\n[core]\nload_examples = False\n[openlineage]\n# transport =\ntransport = {RIGHT}\n",
        f"export AIRFLOW__OPENLINEAGE__TRANSPORT='{RIGHT}'",
        f"transport: {RIGHT}",
        "transport:\n  type: http\n  url: https://h\nfacets:\n  disabled: [a]\n",
        "OPENLINEAGE__TRANSPORT__TYPE=http\nOPENLINEAGE__TRANSPORT__URL=https://h",
        "OPENLINEAGE_URL=https://h",
        "OPENLINEAGE_URL=https://h/\nOPENLINEAGE_ENDPOINT=my/lineage\nOPENLINEAGE_API_KEY=abc",
        '{"type": "my.own.Transport", "any": "key"}',
        '{"type": "console"}',
        f"spark-submit \\\n  --conf {SPARK} \\\n  job.py",
        f"--conf={SPARK} -c spark.openlineage.transport.timeoutInMillis=5000",
        f"--conf {SPARK} --conf spark.openlineage.transport.headers.X-Team=data",
        f"--conf {SPARK} --conf spark.openlineage.transport.auth.type=api_key "
        "--conf spark.openlineage.transport.auth.apiKey=EMR.secret@arn",
        '{"type": "http", "url": "https://h:${PORT}"}',
        json.dumps({"--conf": SPARK, "--extra-jars": "s3://a/b.jar", "--user-jars-first": "true"}),
    ],
)
def test_what_is_right_gets_none(text):
    assert hints(text) == []


def test_the_name_of_a_key_gets_one_hint():
    text = "OPENLINEAGE__TRANSPORT__TYPE=http\nOPENLINEAGE__TRANSPORT__URL=https://h\n"
    found = hints(f"{text}OPENLINEAGE__TRANSPORT__AUTH__TYPE=api_key\nOPENLINEAGE__TRANSPORT__AUTH__APIKEY='${{K}}'")

    assert len(found) == 1
    assert "__API_KEY" in found[0]


def test_values_are_read_as_well_as_texts():
    assert hints(json.loads(RIGHT)) == []
    assert hints({"transport": {"kind": "http", "url": "https://h"}}) == ['write "type", not "kind"']


@pytest.mark.parametrize("name", ["openlineage.yml", "/etc/lineage.YAML"])
def test_a_yaml_file_names_its_transport(name):
    (hint,) = hints(RIGHT, file_name=name)

    assert 'under the key "transport"' in hint
    assert hints(RIGHT, file_name="transport.json") == []
    assert hints(f"transport: {RIGHT}", file_name=name) == []
    assert hints("type: console", file_name=name) != []
    assert hints("facets: {}", file_name=name) == []
    assert hints("{transport: {type: http, url: 'https://h'}}", file_name=name) == []
    assert hints("{transport: {type: http, url: 'https://h'", file_name=name) != []


def test_the_hint_about_a_key_in_a_yaml_file_advises_no_reference_there():
    text = '{"transport": {"type": "http", "url": "https://h", "auth": {"type": "api_key", "apiKey": "abc"}}}'
    (hint,) = hints(text, file_name="openlineage.yml")

    assert "export it as dzlineage config dbt" in hint


@pytest.mark.parametrize(
    "odd",
    [
        *("[]", "{}", "[1]", "null", '"x"', "--conf", "--conf '", "spark.x", "=", "transport ="),
        *("1: x", "transport:\n  type: http\n  1: 2", "2020-99-99: x", "a: &a [*a]", '{"type": "http", "url": 5}'),
        *('{"Configurations": 5}', '{"Job": {"DefaultArguments": null}}', "[" * 5000, '{"a":' * 5000),
    ],
    ids=lambda odd: odd[:20],
)
def test_odd_texts_do_no_harm(odd):
    assert all(isinstance(hint, str) for hint in hints(odd))
