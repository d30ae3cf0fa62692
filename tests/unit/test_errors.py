"""Errors say what is wrong and what to do, and show no password of a URL."""

import pytest

from airflow_provider_dzlineage.errors import (
    CatalogError,
    ConfigurationError,
    DzLineageError,
    LookupFailedError,
    QueueError,
    StopError,
    mask_urls,
)


@pytest.mark.parametrize(
    "error",
    [
        DzLineageError("it broke", fix="mend it"),
        ConfigurationError("it broke", fix="mend it"),
        QueueError("it broke", fix="mend it"),
        LookupFailedError("it broke", "redshift_lookup_failed", fix="mend it"),
        CatalogError("it broke", "InternalServerException", fix="mend it"),
        StopError("it broke", "AccessDeniedException", "request-1", fix="mend it"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_carries_its_remedy(error):
    assert (error.message, error.fix) == ("it broke", "mend it")
    assert str(error) == "it broke -- To fix: mend it"


def test_an_error_without_a_remedy_is_its_message():
    assert str(ConfigurationError("it broke")) == "it broke"
    assert ConfigurationError("it broke").fix == ""


def test_no_part_of_an_error_shows_a_password():
    error = QueueError("SendMessage on http://user:SECRET@host/1/q failed", fix="open http://user:SECRET@host")

    assert "SECRET" not in f"{error} {error!r} {error.args} {error.message} {error.fix}"
    assert error.message == "SendMessage on http://***@host/1/q failed"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('cannot reach "http://u:p@SECRET@host:1/q"', 'cannot reach "http://***@host:1/q"'),
        ("http://u:SEC/RET@host/q", "http://***@host/q"),
        ("https://SECRET@host/, then https://u:SECRET@host", "https://***@host/, then https://***@host"),
        (
            "https://sqs.eu-west-1.amazonaws.com/1/q asked by a@b",
            "https://sqs.eu-west-1.amazonaws.com/1/q asked by a@b",
        ),
    ],
)
def test_users_are_masked(text, masked):
    assert mask_urls(text) == masked
