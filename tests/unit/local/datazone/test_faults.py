"""Faults are read strictly and repeat themselves."""

from __future__ import annotations

import pytest

from airflow_provider_dzlineage.local.datazone.errors import ApiError
from airflow_provider_dzlineage.local.datazone.faults import Dice, Faults


def test_what_is_left_out_keeps_its_default():
    assert Faults.from_json({"throttle": "0.25", "seed": 3}) == Faults(throttle=0.25, seed=3)


@pytest.mark.parametrize(
    "values",
    [
        {"throttel": 1},
        {"throttle": -0.1},
        {"throttle": 1.1},
        {"throttle": "nan"},
        {"throttle": None},
        {"throttle": []},
        {"latency_seconds": -1},
        {"rate": "fast"},
        {"seed": "x"},
        {"seed": float("inf")},
    ],
)
def test_a_wrong_fault_is_named(values):
    with pytest.raises(ApiError) as caught:
        Faults.from_json(values)

    assert caught.value.code == "ValidationException"
    assert next(iter(values)) in caught.value.message or "wrong value" in caught.value.message


def test_the_same_seed_gives_the_same_sequence_and_the_share_asked_for():
    one, other = (Dice(Faults(fail=0.3, seed=5)) for _ in range(2))

    throws = [one.hits("fail") for _ in range(1_000)]

    assert throws == [other.hits("fail") for _ in range(1_000)]
    assert throws != [Dice(Faults(fail=0.3, seed=6)).hits("fail") for _ in range(1_000)]
    assert 250 < sum(throws) < 350


def test_a_share_of_zero_never_hits_and_one_always():
    assert not any(Dice(Faults()).hits("fail") for _ in range(100))
    assert all(Dice(Faults(fail=1.0)).hits("fail") for _ in range(100))
