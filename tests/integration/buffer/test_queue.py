import pytest

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetter, DeadLetterQueue, find_dead_letter_queue
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import QueueError
from tests.fixtures.waiting import eventually


def receive_all(queue):
    received = []
    while batch := queue.receive(wait_seconds=0, visibility_seconds=60):
        received += batch
    return received


def test_what_is_sent_is_received_with_its_encoding(make_queue):
    queue = make_queue()
    texts = ['{"name": "ñandú"}', '"\ufffe\x0b"', '"' + "big " * 50_000 + '"']

    refused = list(queue.send(send_parameters(text) for text in texts))

    assert refused == []
    events = [message.event().decode() for message in receive_all(queue)]
    assert sorted(events) == sorted([texts[0], '"\\ufffe\\u000b"', texts[2]])


def test_many_entries_arrive_once_each(make_queue):
    queue = make_queue()

    list(queue.send(send_parameters(f'"{number}"') for number in range(25)))

    assert sorted(int(message.event().strip(b'"')) for message in receive_all(queue)) == list(range(25))


def test_an_entry_that_sqs_refuses_is_named_and_the_others_arrive(make_queue):
    queue = make_queue()
    bad = {"MessageBody": "\ufffe"}

    refused = list(queue.send([*(send_parameters("{}") for _ in range(11)), bad, send_parameters("[]")]))

    assert [entry.index for entry in refused] == [11]
    assert refused[0].code
    assert len(receive_all(queue)) == 12


def test_a_released_message_is_back_at_once(make_queue):
    queue = make_queue()
    list(queue.send([send_parameters("{}")]))
    first = queue.receive(wait_seconds=0, visibility_seconds=600)

    queue.extend(first, 0)

    (again,) = queue.receive(wait_seconds=0, visibility_seconds=600)
    assert again.id == first[0].id
    assert again.receive_count == 2


def test_an_extended_message_stays_away(make_queue):
    queue = make_queue()
    list(queue.send([send_parameters("extended"), send_parameters("left")]))
    messages = queue.receive(wait_seconds=0, visibility_seconds=1)

    queue.extend([message for message in messages if message.text == "extended"], 60)

    back = eventually(lambda: queue.receive(wait_seconds=0, visibility_seconds=60))
    assert [message.text for message in back] == ["left"]


def test_deleted_messages_are_gone_and_the_backlog_counts_the_rest(make_queue):
    queue = make_queue()
    list(queue.send(send_parameters(f'"{number}"') for number in range(15)))
    first = queue.receive(wait_seconds=0, visibility_seconds=60)

    queue.delete(first)

    assert queue.state().backlog == 15 - len(first)


def test_a_fifo_queue_keeps_the_order_of_a_group_and_drops_a_repeated_event(make_queue):
    queue = make_queue(fifo=True)
    texts = [f'"{number}"' for number in range(5)]

    list(queue.send(send_parameters(text, group="run") for text in [*texts, texts[-1]]))

    received = queue.receive(wait_seconds=0, visibility_seconds=60)
    assert [message.event().decode() for message in received] == texts
    assert {message.group for message in received} == {"run"}


@pytest.mark.parametrize("fifo", [False, True])
def test_a_dead_letter_is_the_message_with_its_reason(make_queue, sqs, fifo):
    queue = make_queue(fifo=fifo, dead_letters=True)
    big = '"' + "big " * 50_000 + '"'
    list(queue.send([send_parameters(big, group="run" if fifo else None)]))
    (message,) = queue.receive(wait_seconds=0, visibility_seconds=60)
    dead_letters = find_dead_letter_queue(queue, None)

    unwritten = dead_letters.write([DeadLetter(message, "refused", "é\nb\x0b", "ValidationException", "req-1")])

    assert unwritten == []
    dead = queue.dead_letter_queue()
    response = sqs.receive_message(QueueUrl=dead.url, MessageAttributeNames=["All"])["Messages"][0]
    attributes = {name: value["StringValue"] for name, value in response["MessageAttributes"].items()}
    assert response["Body"] == message.text
    assert attributes["reason"] == "refused"
    assert attributes["detail"] == "é\nb\\u000b"
    assert attributes["error_code"] == "ValidationException"
    assert attributes["request_id"] == "req-1"
    assert attributes["content_encoding"] == message.encoding
    assert attributes["receive_count"] == "1"


def test_dead_letters_go_to_the_queue_of_the_setting_before_that_of_the_policy(make_queue):
    queue, other = make_queue(dead_letters=True), make_queue()
    list(queue.send([send_parameters("{}")]))
    (message,) = queue.receive(wait_seconds=0, visibility_seconds=60)

    find_dead_letter_queue(queue, other.url).write([DeadLetter(message, "refused")])

    assert other.state().backlog == 1
    assert queue.dead_letter_queue().state().backlog == 0


def test_a_queue_without_policy_has_no_dead_letters(make_queue):
    assert find_dead_letter_queue(make_queue(), None) is None


def test_a_wrong_url_says_what_to_check(sqs, ministack):
    absent = Queue(sqs, f"{ministack.endpoint_url}/000000000000/absent")

    with pytest.raises(QueueError, match="To fix: check the queue's URL, its Region and its account"):
        absent.receive(wait_seconds=0, visibility_seconds=60)


def test_dead_letters_that_cannot_be_written_stay_named(make_queue, sqs, ministack):
    queue = make_queue()
    list(queue.send([send_parameters("{}")]))
    (message,) = queue.receive(wait_seconds=0, visibility_seconds=60)
    absent = DeadLetterQueue(sqs, f"{ministack.endpoint_url}/000000000000/absent")

    with pytest.raises(QueueError):
        absent.write([DeadLetter(message, "refused")])
