"""Settings are declared once: loaded from any source, described for people, wrong ones named with an example."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.receiver.options import ReceiverOptions
from airflow_provider_dzlineage.settings.loader import (
    describe,
    from_environment,
    joined,
    read_settings,
    setting,
    variable_of,
)
from airflow_provider_dzlineage.settings.parsers import flag, texts, whole_number
from airflow_provider_dzlineage.settings.site import Settings
from airflow_provider_dzlineage.transports.sqs import SqsConfig


@dataclass(frozen=True, kw_only=True)
class Oven:
    """Something with settings."""

    dish: str = setting(default=MISSING, example="lasagne", help="What is baked, ``text``.")
    minutes: int = setting(default=40, parse=whole_number, example="25", help="How long.")
    fan: bool = setting(default=False, parse=flag, example="true", help="Hot air.")
    trays: tuple[str, ...] = setting(default=("low", "high"), parse=texts, example="low", help="Which trays.")
    extra: object = None


def test_the_first_source_that_has_a_setting_wins():
    values, errors = read_settings(
        Oven, {"dish": None, "minutes": ""}, {"dish": "bread", "fan": "on"}, {"dish": "x", "minutes": 7}
    )

    assert (values, errors) == ({"dish": "bread", "minutes": 7, "fan": True}, {})


def test_what_is_wrong_is_named_beside_what_is_right():
    values, errors = read_settings(Oven, {"minutes": "long", "fan": "maybe", "dish": "bread", "shelf": 1})

    assert values == {"dish": "bread"}
    assert errors.keys() == {"minutes", "fan", "shelf"}
    assert str(errors["minutes"]) == "must be a whole number; for example '25'"
    assert errors["minutes"].message == "must be a whole number"
    assert errors["minutes"].fix == "correct it where it is set, for example '25'"
    assert str(errors["shelf"]) == "is unknown; there are: dish, minutes, fan, trays"


def test_a_field_that_is_no_setting_is_unknown():
    assert read_settings(Oven, {"extra": 1})[1].keys() == {"extra"}


def test_one_error_keeps_its_example_and_several_are_lines():
    one, other = ConfigurationError("must be a", example="a"), ConfigurationError("must be b", fix="set b")

    assert str(joined({"setting 'x'": one})) == "setting 'x': must be a; for example a"
    assert joined({"setting 'y'": other}).fix == "set b"
    assert str(joined({"x": one, "y": other})) == "x: must be a; for example a\ny: must be b -- To fix: set b"


def test_the_environment_is_a_source():
    environment = {"DZLINEAGE_DISH": "bread", "DZLINEAGE_EXTRA": "1", "DISH": "x", "DZLINEAGE_SHELF": "1"}

    assert variable_of("dish") == "DZLINEAGE_DISH"
    assert from_environment(Oven, environment) == {"dish": "bread"}


def test_a_description_is_for_people():
    dish, minutes, fan, trays = describe(Oven)

    assert (dish.name, dish.variable, dish.type, dish.default, dish.example, dish.help) == (
        "dish",
        "DZLINEAGE_DISH",
        "string",
        None,
        "lasagne",
        "What is baked, ``text``.",
    )
    assert (minutes.type, minutes.default) == ("integer", "40")
    assert (fan.type, fan.default) == ("boolean", "false")
    assert (trays.type, trays.default) == ("string", "low,high")


def test_every_setting_is_described():
    described = describe(Settings)

    assert [each.name for each in described] == [each.name for each in fields(Settings)]
    assert all(each.help.endswith(".") and each.example for each in described)


@pytest.mark.parametrize("declared", [Settings, ReceiverOptions, SqsConfig], ids=lambda each: each.__name__)
def test_every_example_and_every_default_can_be_read(declared):
    for each in describe(declared):
        if each.example.startswith("spark=sha256:<"):
            continue
        for text in filter(None, (each.example, each.default)):
            values, errors = read_settings(declared, {each.name: text})
            assert errors == {}
            assert each.name in values


@pytest.mark.parametrize("declared", [Settings, ReceiverOptions], ids=lambda each: each.__name__)
def test_a_default_as_a_person_writes_it_is_the_default(declared):
    for each in describe(declared):
        if each.default:
            assert read_settings(declared, {each.name: each.default})[0][each.name] == getattr(declared(), each.name)
