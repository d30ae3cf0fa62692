import math
import random
import threading

import pytest

from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter


def posts_within(rate_limiter, start, seconds):
    """Post as fast as the rate limiter lets; return the moments."""
    now, moments = start, []
    while True:
        now += rate_limiter.reserve(now)
        if now >= start + seconds:
            return moments
        moments.append(now)


def test_posts_keep_to_the_rate_however_the_clock_runs():
    assert 1199 <= len(posts_within(RateLimiter(20), 5.0, 60)) <= 1201


def test_time_that_was_not_used_is_not_made_up_for():
    rate_limiter = RateLimiter(20)
    rate_limiter.reserve(0.0)

    assert rate_limiter.reserve(100.0) == 0.0
    assert rate_limiter.reserve(100.0) == pytest.approx(0.05)


def test_threads_share_one_rate():
    rate_limiter, delays = RateLimiter(20), []
    threads = [threading.Thread(target=lambda: delays.append(rate_limiter.reserve(0.0))) for _ in range(40)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(delays) == pytest.approx([number / 20 for number in range(40)])


def backed_off(rate_limiter, start=0.0, posts=64):
    """Post for a while and be throttled once; return the moment."""
    now = start
    for _ in range(posts):
        now += rate_limiter.reserve(now)
    rate_limiter.back_off(now, started=now)
    return now


def test_a_throttle_halves_the_rate_and_it_recovers():
    rate_limiter = RateLimiter(20)

    now = backed_off(rate_limiter)

    assert rate_limiter.rate(now) == pytest.approx(10)
    assert 10 < rate_limiter.rate(now + 4) < 20
    assert rate_limiter.rate(now + 8) == pytest.approx(20)
    assert rate_limiter.rate(1e9) == 20


def test_posts_that_were_under_way_when_it_backed_off_do_not_make_it_back_off_again():
    rate_limiter = RateLimiter(20)
    now = backed_off(rate_limiter)

    for _ in range(40):
        rate_limiter.back_off(now, started=now - 0.1)

    assert rate_limiter.rate(now) == pytest.approx(10)


def test_a_few_throttles_among_many_posts_never_leave_less_than_half_the_rate():
    rate_limiter = RateLimiter(20)

    now = backed_off(rate_limiter, start=backed_off(rate_limiter), posts=20)

    assert rate_limiter.rate(now) == pytest.approx(10)


def test_however_often_it_is_throttled_it_goes_on_trying():
    rate_limiter, now = RateLimiter(20), 0.0

    for _ in range(100):
        now += rate_limiter.reserve(now)
        rate_limiter.back_off(now, started=now)

    assert rate_limiter.rate(now) == pytest.approx(2.5)


def test_without_a_limit_posts_start_at_once():
    rate_limiter = RateLimiter(math.inf)

    assert [rate_limiter.reserve(1.0) for _ in range(5)] == [0.0] * 5
    assert rate_limiter.rate(1.0) == math.inf


def test_without_a_limit_half_of_what_was_observed_is_the_rate_after_a_throttle():
    rate_limiter = RateLimiter(math.inf)
    for number in range(64):
        rate_limiter.reserve(number / 100)

    rate_limiter.back_off(0.64, started=0.63)

    assert rate_limiter.observed_rate() == pytest.approx(100)
    assert rate_limiter.rate(0.64) == pytest.approx(50)
    assert rate_limiter.rate(100.0) > 10_000


def test_without_a_limit_throttles_are_halves_of_the_fastest_that_was_observed():
    rate_limiter = RateLimiter(math.inf)
    for number in range(64):
        rate_limiter.reserve(number / 100)
    rate_limiter.back_off(0.64, started=0.64)

    now = backed_off(rate_limiter, start=0.65, posts=60)

    assert rate_limiter.rate(now) == pytest.approx(50)


def test_beside_another_sender_the_quota_is_used_and_both_are_seldom_throttled():
    """A quota of 20 a second that holds one second's worth, of which another sender asks for 5 a second."""
    rate_limiter, tokens, then = RateLimiter(19.8), 20.0, 0.0
    taken, throttled = {"ours": 0, "other": 0}, {"ours": 0, "other": 0}
    due = {"ours": 0.0, "other": 0.013}
    while (now := min(due.values())) < 300:
        who = min(due, key=due.__getitem__)
        tokens, then = min(20.0, tokens + (now - then) * 20), now
        accepted = tokens >= 1
        tokens -= accepted
        (taken if accepted else throttled)[who] += 1
        if who == "ours":
            if not accepted:
                rate_limiter.back_off(now, started=now)
            due[who] = now + rate_limiter.reserve(now)
        else:
            due[who] = now + 0.2

    assert taken["ours"] >= 0.97 * (300 * 20 - taken["other"])
    assert throttled["ours"] <= 0.02 * taken["ours"]
    assert throttled["other"] <= 0.1 * taken["other"]


def test_throttles_that_have_nothing_to_do_with_the_rate_cost_less_than_half_of_it():
    rate_limiter, dice, now, taken = RateLimiter(19.8), random.Random(2), 0.0, 0
    while now < 300:
        now += rate_limiter.reserve(now)
        if dice.random() < 0.05:
            rate_limiter.back_off(now, started=now)
        else:
            taken += 1

    assert taken >= 0.5 * 19.8 * 300
