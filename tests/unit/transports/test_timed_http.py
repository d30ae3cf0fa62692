import time

import pytest

from airflow_provider_dzlineage.transports.timed_http import NoTimeLeftError, again_in_time


class BusyError(Exception):
    """Passes."""


def attempts_that_raise(*errors):
    left = list(errors)

    def attempt():
        if left:
            raise left.pop(0)
        return "done"

    return attempt


def test_it_tries_until_it_works():
    give_up = time.monotonic() + 10

    assert again_in_time(attempts_that_raise(BusyError(), BusyError()), passing=BusyError, give_up=give_up) == "done"


def test_when_the_time_is_up_the_last_failure_is_told():
    last = BusyError("second")

    with pytest.raises(BusyError, match="second"):
        again_in_time(
            attempts_that_raise(BusyError("first"), last, NoTimeLeftError()),
            passing=BusyError,
            give_up=time.monotonic() + 10,
        )


def test_without_time_for_one_attempt_that_is_told():
    with pytest.raises(NoTimeLeftError):
        again_in_time(attempts_that_raise(NoTimeLeftError()), passing=BusyError, give_up=time.monotonic())


def test_what_does_not_pass_is_not_tried_again():
    with pytest.raises(KeyError):
        again_in_time(attempts_that_raise(KeyError("x")), passing=BusyError, give_up=time.monotonic() + 10)
