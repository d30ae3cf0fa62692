"""The quota is that of one account and Region, and fills up again with time."""

from __future__ import annotations

from airflow_provider_dzlineage.local.datazone.quota import Quota


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
