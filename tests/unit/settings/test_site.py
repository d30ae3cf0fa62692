import math

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.settings.site import DEFAULT_RATE, load_settings, readable_settings


def test_the_first_source_that_has_a_setting_wins():
    explicit, airflow = {"schedule": "explicit", "domain_id": None}, {"schedule": "airflow", "domain_id": "airflow"}
    environment = {"DZLINEAGE_SCHEDULE": "env", "DZLINEAGE_DOMAIN_ID": "env", "DZLINEAGE_REGION_NAME": "env"}

    settings = load_settings(explicit, airflow, environment)

    assert (settings.schedule, settings.domain_id, settings.region_name) == ("explicit", "airflow", "env")


def test_defaults_hold_without_any_source():
    settings = load_settings(environment={})

    assert settings.queue_url is None
    assert settings.rate == DEFAULT_RATE < 20
    assert settings.sqs_conn_id == "aws_default"
    assert settings.schedule == "*/5 * * * *"


def test_an_empty_value_counts_as_not_set():
    assert load_settings(environment={"DZLINEAGE_RATE": ""}).rate == DEFAULT_RATE


@pytest.mark.parametrize(("text", "rate"), [("40", 40.0), (40, 40.0), ("0.5", 0.5), (" Unlimited", math.inf)])
def test_a_rate_is_a_number_or_unlimited(text, rate):
    assert load_settings({"rate": text}, environment={}).rate == rate


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rate", "fast"),
        ("rate", "0"),
        ("rate", "nan"),
        ("max_seconds", "-1"),
        ("max_seconds", "inf"),
        ("max_receives", "0"),
        ("max_receives", "some"),
    ],
)
def test_a_wrong_value_is_named_with_a_right_example(name, value):
    with pytest.raises(ConfigurationError, match=f"setting '{name}': .*; for example '[0-9]+'"):
        load_settings({name: value}, environment={})


@pytest.mark.parametrize(("text", "word"), [("warn", "warn"), (" FAIL", "fail"), ("ignore", "ignore")])
def test_a_failed_processing_is_warned_of_or_fails_or_is_ignored(text, word):
    assert load_settings({"on_processing_failed": text}, environment={}).on_processing_failed == word


def test_another_word_for_a_failed_processing_is_named():
    with pytest.raises(ConfigurationError, match=r"'on_processing_failed': must be warn, fail or ignore; .* 'fail'"):
        load_settings({"on_processing_failed": "skip"}, environment={})


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        (r"tok-[a-z]{8,40}", (r"tok-[a-z]{8,40}",)),
        ("[a-z]+x", ("[a-z]+x",)),
        (r'["a,b", "c"]', ("a,b", "c")),
        ("[]", ()),
        (["a", "b"], ("a", "b")),
    ],
)
def test_a_comma_is_part_of_a_regular_expression(text, patterns):
    assert load_settings({"redact": text}, environment={}).redact == patterns


def test_an_account_has_twelve_digits():
    assert load_settings({"account_id": 123456789012}, environment={}).account_id == "123456789012"
    with pytest.raises(ConfigurationError, match=r"'account_id'.*twelve digits"):
        load_settings({"account_id": "12"}, environment={})


@pytest.mark.parametrize(
    "url",
    [
        "https://sqs.us-east-1.amazonaws.com/123456789012/q",
        "http://127.0.0.1:4566/000000000000/q.fifo",
        "http://localhost:4566/queue/q",
        " https://sqs.us-east-1.amazonaws.com/123456789012/q\n",
    ],
)
def test_the_url_of_a_queue(url):
    assert load_settings({"queue_url": url}, environment={}).queue_url == url.strip()


@pytest.mark.parametrize(
    "url",
    [
        *("q", "arn:aws:sqs:us-east-1:1:q", "https://h", "https://h/q", "https:///1/q", "http://[h/1/q"),
        *("http://127.0.0.1:abc/1/q", "http://127.0.0.1:99999/1/q", "http://127.0.0.1:0/1/q", "https://u:p@h/1/q"),
    ],
)
def test_what_is_no_url_of_a_queue(url):
    with pytest.raises(ConfigurationError, match=r"'dead_letter_queue_url': must be the URL of a queue"):
        load_settings({"dead_letter_queue_url": url}, environment={})


def test_a_password_in_the_url_of_a_queue_is_refused_and_not_repeated():
    _, problems = readable_settings({"queue_url": "https://user:p@geheim@h/1/q"}, environment={})

    assert problems["queue_url"].message.startswith("must be the URL of a queue without user and password")
    assert "geheim" not in str(problems)


def test_dead_letters_go_into_another_queue():
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
    environment = {"DZLINEAGE_QUEUE_URL": url, "DZLINEAGE_DEAD_LETTER_QUEUE_URL": url}

    settings, problems = readable_settings(environment=environment)

    assert (settings.queue_url, settings.dead_letter_queue_url) == (url, None)
    assert str(problems["dead_letter_queue_url"]).startswith("must be another queue than 'queue_url'; for example ")
    with pytest.raises(ConfigurationError, match=r"'dead_letter_queue_url': must be another queue"):
        load_settings({"queue_url": url, "dead_letter_queue_url": url}, environment={})
    assert load_settings({"queue_url": url, "dead_letter_queue_url": f"{url}-dead"}, environment={})


def test_all_that_is_wrong_is_named_at_once():
    with pytest.raises(ConfigurationError, match=r"(?s)setting 'rate': .*\nsetting 'merge': "):
        load_settings({"merge": "sometimes"}, environment={"DZLINEAGE_RATE": "fast"})


def test_what_can_be_read_is_read_beside_what_is_wrong():
    settings, problems = readable_settings({"merge": "never"}, {"rate": "fast"}, {"DZLINEAGE_MAX_RECEIVES": "0"})

    assert (settings.merge, settings.rate) == ("never", DEFAULT_RATE)
    assert problems.keys() == {"rate", "max_receives"}


def test_an_unknown_setting_is_named_with_the_known_ones():
    with pytest.raises(ConfigurationError, match=r"setting 'queue': is unknown; there are: queue_url, "):
        load_settings({"queue": "x"}, environment={})


def test_required_settings_come_in_the_order_asked():
    settings = load_settings({"queue_url": "https://h/1/q", "domain_id": "d"}, environment={})

    assert settings.required("domain_id", "queue_url") == ["d", "https://h/1/q"]


def test_every_missing_setting_says_where_to_set_it():
    with pytest.raises(ConfigurationError) as caught:
        load_settings({"region_name": "r"}, environment={}).required("queue_url", "region_name", "domain_id")

    message = str(caught.value)
    assert "setting 'queue_url' is missing. Set one of:" in message
    assert "region_name" not in message
    assert "[dzlineage] domain_id = dzd_" in message
    assert "Amazon MWAA:             configuration option dzlineage.domain_id" in message
    assert "AIRFLOW__DZLINEAGE__DOMAIN_ID=dzd_" in message
    assert "  DZLINEAGE_DOMAIN_ID=dzd_" in message.replace("environment:             ", "  ")
