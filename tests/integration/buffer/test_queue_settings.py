"""The settings of queues as SQS makes them."""

from __future__ import annotations

from airflow_provider_dzlineage.buffer.queue_settings import unsafe_settings


def test_the_settings_of_a_queue_as_sqs_makes_it_are_good_apart_from_the_dead_letters(make_queue):
    (risk,) = unsafe_settings(make_queue().state(), None)

    assert "dead-letter" in str(risk)
