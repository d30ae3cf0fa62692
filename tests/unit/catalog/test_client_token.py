from airflow_provider_dzlineage.catalog.client import client_token


def test_the_same_body_is_the_same_request_and_another_body_another():
    assert client_token(b"{}") == client_token(b"{}")
    assert client_token(b"{}") != client_token(b"{ }")


def test_a_retry_of_an_event_that_datazone_failed_to_process_is_a_new_request():
    assert client_token(b"{}", "first") != client_token(b"{}")
    assert client_token(b"{}", "first") == client_token(b"{}", "first")
    assert client_token(b"{}", "first") != client_token(b"{}", "second")
