import pytest

from tests.chaos.account import ACCEPTED, LOST, SKIPPED, TWICE, Evidence, out_of_order, take_account


def account_of(fate, *, accepted=(), dead_letters=(), queued=False):
    found = {"event": list(accepted)} if accepted else {}
    dead_lettered = {"event": list(dead_letters)} if dead_letters else {}
    return take_account({"event": fate}, Evidence(found, dead_lettered, {"event"} if queued else set()))


@pytest.mark.parametrize(
    ("fate", "found", "outcome"),
    [
        (ACCEPTED, {"accepted": ["SUCCESS"]}, "accepted SUCCESS"),
        (
            ACCEPTED,
            {"accepted": ["FAILED"], "dead_letters": ["processing_failed"]},
            "accepted FAILED, dead letter processing_failed",
        ),
        (SKIPPED, {}, "skipped"),
        ("not_json", {"dead_letters": ["not_json"]}, "dead letter not_json"),
        ("not_json", {"dead_letters": ["not_json", "not_json"]}, "dead letter not_json"),
        (ACCEPTED, {"queued": True}, "still queued"),
        # Posted, and on its way to be posted again.
        (ACCEPTED, {"accepted": ["SUCCESS"], "queued": True}, "still queued"),
    ],
)
def test_what_has_to_become_of_an_event_is_counted_and_nothing_is_wrong(fate, found, outcome):
    account = account_of(fate, **found)

    assert account.outcomes == {outcome: 1}
    assert account.wrong == {}


@pytest.mark.parametrize(
    ("fate", "found", "complaint"),
    [
        (ACCEPTED, {}, LOST),
        ("not_json", {}, LOST),
        (ACCEPTED, {"accepted": ["SUCCESS", "SUCCESS"]}, TWICE),
        (ACCEPTED, {"accepted": ["SUCCESS", "SUCCESS"], "queued": True}, TWICE),
        (ACCEPTED, {"accepted": ["FAILED"]}, "accepted FAILED, not accepted"),
        (ACCEPTED, {"accepted": ["not processed"]}, "accepted not processed, not accepted"),
        (ACCEPTED, {"dead_letters": ["refused"]}, "dead letter refused, not accepted"),
        (
            ACCEPTED,
            {"accepted": ["SUCCESS"], "dead_letters": ["processing_failed"]},
            "accepted SUCCESS, dead letter processing_failed, not accepted",
        ),
        (SKIPPED, {"accepted": ["SUCCESS"]}, "accepted SUCCESS, not skipped"),
        ("not_json", {"accepted": ["SUCCESS"]}, "accepted SUCCESS, not not_json"),
        ("not_json", {"dead_letters": ["too_large"]}, "dead letter too_large, not not_json"),
    ],
)
def test_anything_else_is_wrong(fate, found, complaint):
    account = account_of(fate, **found)

    assert account.wrong == {complaint: 1}
    assert account.examples == {complaint: ["event"]}


def test_what_was_never_sent_is_wrong():
    account = take_account({}, Evidence({"a": ["SUCCESS"]}, {"b": ["refused"]}, {"c"}))

    assert account.wrong == {"never sent": 3}


def test_dead_letters_that_were_written_again_are_counted():
    assert account_of("not_json", dead_letters=["not_json"] * 3).written_again == 2


def test_groups_out_of_order_are_counted():
    groups = {"kept": ["a", "b", "c"], "mixed up": ["d", "e"], "never accepted": ["f"]}

    assert out_of_order(groups, ["a", "e", "b", "d", "c"]) == 1
