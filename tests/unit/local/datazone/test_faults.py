"""Faults are read strictly and repeat themselves."""

from __future__ import annotations

import pytest

from airflow_provider_dzlineage.local.datazone.faults import ApiError, Dice, Faults, Quota


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


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_one_seconds_worth_may_come_at_once_and_the_rest_with_time():
    clock = Clock()
    quota = Quota(20, clock)

    assert [quota.take("a") for _ in range(25)] == [True] * 20 + [False] * 5
    clock.now += 0.5
    assert [quota.take("a") for _ in range(15)] == [True] * 10 + [False] * 5
    clock.now += 3600
    assert [quota.take("a") for _ in range(21)] == [True] * 20 + [False]


def test_each_account_and_region_has_its_own():
    quota = Quota(1, Clock())

    assert [quota.take(who) for who in ("a/us-east-1", "a/us-east-1", "a/eu-west-1", "b/us-east-1")] == [
        *(True, False, True, True)
    ]


def test_a_rate_below_one_lets_one_through_at_a_time():
    clock = Clock()
    quota = Quota(0.5, clock)

    assert [quota.take("a"), quota.take("a")] == [True, False]
    clock.now += 2
    assert quota.take("a")


def test_without_a_quota_everything_passes():
    quota = Quota(float("inf"), Clock())

    assert all(quota.take("a") for _ in range(10_000))
