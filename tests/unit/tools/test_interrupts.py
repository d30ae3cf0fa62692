import signal

import pytest

from tools.demo.interrupts import SIGNALS, Interrupt


@pytest.fixture(autouse=True)
def _handlers():
    # As started from a terminal, whoever started the tests.
    before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_that_a_finalizer_swallows_is_raised_again():
    interrupt = Interrupt()
    interrupt.check()

    class Finalized:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    Finalized()

    with pytest.raises(KeyboardInterrupt):
        interrupt.check()


def test_a_second_interrupt_disturbs_nothing():
    Interrupt()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)

    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGTERM)
