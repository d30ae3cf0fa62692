import math
import threading

import pytest

from airflow_provider_dzlineage.catalog.pace import Pacer


def posts_within(pacer, start, seconds):
    """Post as fast as the pacer lets; return the moments."""
    now, moments = start, []
    while True:
        now += pacer.delay(now)
        if now >= start + seconds:
            return moments
        moments.append(now)


def test_posts_keep_to_the_rate_however_the_clock_runs():
    assert 1199 <= len(posts_within(Pacer(20), 5.0, 60)) <= 1201


def test_time_that_was_not_used_is_not_made_up_for():
    pacer = Pacer(20)
    pacer.delay(0.0)

    assert pacer.delay(100.0) == 0.0
    assert pacer.delay(100.0) == pytest.approx(0.05)


def test_threads_share_one_pace():
    pacer, delays = Pacer(20), []
    threads = [threading.Thread(target=lambda: delays.append(pacer.delay(0.0))) for _ in range(40)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(delays) == pytest.approx([number / 20 for number in range(40)])


def test_a_throttle_halves_the_pace_and_it_climbs_back():
    pacer = Pacer(20)

    pacer.slow_down(10.0, started=9.9)

    assert pacer.rate(10.0) == pytest.approx(10)
    assert 10 < pacer.rate(11.5) < 20
    assert pacer.rate(13.0) == pytest.approx(20)
    assert pacer.rate(1e9) == 20


def test_posts_that_were_under_way_when_it_slowed_down_do_not_slow_it_down_again():
    pacer = Pacer(20)
    pacer.slow_down(10.0, started=9.9)

    pacer.slow_down(10.1, started=9.95)

    assert pacer.rate(10.0) == pytest.approx(10)


def test_however_often_it_is_throttled_it_goes_on_asking():
    pacer = Pacer(20)

    for number in range(100):
        pacer.slow_down(10.0 + number / 100, started=10.0 + number / 100)

    assert pacer.rate(11.0) == pytest.approx(2.5, rel=0.1)


def test_without_a_limit_posts_start_at_once():
    pacer = Pacer(math.inf)

    assert [pacer.delay(1.0) for _ in range(5)] == [0.0] * 5
    assert pacer.rate(1.0) == math.inf


def test_without_a_limit_half_of_what_was_observed_is_the_pace_after_a_throttle():
    pacer = Pacer(math.inf)
    for number in range(64):
        pacer.delay(number / 100)

    pacer.slow_down(0.64, started=0.63)

    assert pacer.observed() == pytest.approx(100)
    assert pacer.rate(0.64) == pytest.approx(50)
    assert pacer.rate(60.0) > 10_000


def test_beside_another_sender_the_quota_is_used_and_little_is_throttled():
    """A quota of 20 a second that holds one second's worth, of which another sender takes 5."""
    pacer, tokens, then, now, taken, throttled = Pacer(19.8), 20.0, 0.0, 0.0, 0, 0
    while now < 300:
        now += pacer.delay(now)
        tokens, then = min(20.0, tokens + (now - then) * 15), now
        if tokens >= 1:
            tokens -= 1
            taken += 1
        else:
            throttled += 1
            pacer.slow_down(now, started=now)

    assert taken >= 0.97 * 15 * 300
    assert throttled <= 0.05 * taken
