import pytest

from airflow_provider_dzlineage.buffer.message import Message


def message(sent_at):
    attributes = {"sent_at": {"DataType": "String", "StringValue": sent_at}}
    response = {"MessageId": "id", "ReceiptHandle": "handle", "Body": "{}", "Attributes": {"SentTimestamp": "7"}}
    return Message.from_response({**response, "MessageAttributes": attributes})


def test_a_message_that_is_sent_again_keeps_the_time_at_which_it_was_sent_first():
    assert message("1700000000000").sent_at == 1700000000000


@pytest.mark.parametrize("sent_at", ["", "yesterday", "-1", "9" * 5000, "²"])
def test_what_is_no_time_in_the_attribute_is_passed_over(sent_at):
    assert message(sent_at).sent_at == 7
