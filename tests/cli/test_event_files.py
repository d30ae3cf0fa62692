import io
import sys

import pytest

from airflow_provider_dzlineage.cli.event_files import read_events


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "events"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return [(line.place.removeprefix(str(path)), line.event, line.problem) for line in read_events(str(path))]

    return read


def test_json_lines(read):
    assert read('{"a": 1}\n\n{"a": 2}') == [(":1", {"a": 1}, ""), (":3", {"a": 2}, "")]


def test_one_event_over_many_lines(read):
    assert read('{\n  "a": 1\n}\n') == [("[1]", {"a": 1}, "")]


def test_an_array(read):
    assert read('[\n{"a": 1},\n{"a": 2}]') == [("[1]", {"a": 1}, ""), ("[2]", {"a": 2}, "")]


def test_an_array_on_one_line(read):
    assert read('[{"a": 1}, {"a": 2}]') == [("[1]", {"a": 1}, ""), ("[2]", {"a": 2}, "")]


def test_a_broken_line_does_not_hide_the_others(read):
    first, second, third = read('{"a": 1}\n{"a": \n"text"')

    assert first == (":1", {"a": 1}, "")
    assert second[2].startswith("not JSON")
    assert third[2] == "not a JSON object"


def test_a_broken_first_line_does_not_hide_the_others(read):
    broken, good = read('{"a": \n{"a": 2}\n')

    assert broken[2].startswith("not JSON")
    assert good == (":2", {"a": 2}, "")


def test_bytes_that_are_no_text_are_a_problem(read):
    assert read(b'\xff\n{"a": 1}')[0][2].startswith("not JSON")


def test_an_empty_file_holds_nothing(read):
    assert read("") == []


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"a": 1}\n')))

    assert [line.event for line in read_events("-")] == [{"a": 1}]
