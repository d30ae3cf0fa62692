"""Files of events: what is read of them, and pipes and devices that are given as files."""

import io
import os
import sys
import threading

import pytest
from rich.console import Console

from airflow_provider_dzlineage.cli.files import check_files, read_events, read_with_bar
from airflow_provider_dzlineage.cli.output import reading_bar
from airflow_provider_dzlineage.errors import ConfigurationError

EVENT = '{"a": 1}\n'


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


def test_blank_lines_before_an_event_over_many_lines_are_no_events(read):
    assert read('\n \r\n{\n "a": 1\n}\n') == [("[1]", {"a": 1}, "")]


def test_blank_lines_before_lines_are_counted(read):
    broken, good = read('\n{"a": \n{"a": 2}\n')

    assert broken[0] == ":2"
    assert good == (":3", {"a": 2}, "")


@pytest.mark.parametrize("text", ['{"a": 1}\n', '{\n"a": 1}', '[\n{"a": 1}]'])
def test_a_byte_order_mark_is_no_text(read, text):
    (line,) = read("\ufeff" + text)

    assert line[1:] == ({"a": 1}, "")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (' {"a": 1e999,\t"a": NaN}\r\n{"b":"\u00a0"}\n', ['{"a": 1e999,\t"a": NaN}', '{"b":"\u00a0"}']),
        ('{\n  "a": 1.0E+400\n}\n', ['{\n  "a": 1.0E+400\n}']),
        ('[ {"a": [1, 2]} ,\n{"b": "],"},{\n}\n]', ['{"a": [1, 2]}', '{"b": "],"}', "{\n}"]),
        ("[\n]", []),
        ("[]", []),
    ],
)
def test_the_text_of_an_event_is_as_it_is_written(tmp_path, text, written):
    path = tmp_path / "events"
    path.write_bytes(text.encode())

    assert [line.text for line in read_events(str(path))] == written


def test_every_byte_is_reported(tmp_path):
    for text in ('\n\n{"a": 1}\n\n{"a": 2}', '\n{\n"a": 1}\n', '\ufeff{"a": 1}'):
        path = tmp_path / "events"
        path.write_bytes(text.encode())
        sizes = []
        list(read_events(str(path), sizes.append))

        assert sum(sizes) == path.stat().st_size


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=f"^cannot read {tmp_path}: Is a directory$"):
        list(read_events(str(tmp_path)))


def test_bytes_that_are_no_text_are_a_problem(read):
    assert read(b'\xff\n{"a": 1}')[0][2].startswith("not JSON")


def test_an_empty_file_holds_nothing(read):
    assert read("") == []


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"a": 1}\n')))

    assert [line.event for line in read_events("-")] == [{"a": 1}]


def test_a_closed_standard_input_is_reported(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)

    with pytest.raises(ConfigurationError, match="standard input: it is closed"):
        list(read_events("-"))


def read_with_progress(path):
    with reading_bar() as bar:
        lines = list(read_with_bar(bar, str(path)))
        (task,) = bar.tasks
    return [line.event for line in lines], task


def test_a_file_has_a_size(tmp_path):
    path = tmp_path / "events"
    path.write_text(EVENT)

    events, task = read_with_progress(path)

    assert events == [{"a": 1}]
    assert task.completed == task.total == len(EVENT)


def test_a_pipe_has_none(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(EVENT,))
    writer.start()

    check_files([str(path)])
    events, task = read_with_progress(path)

    writer.join()
    assert events == [{"a": 1}]
    assert task.total is None


def test_what_is_no_file_is_reported(tmp_path):
    absent, closed = tmp_path / "absent", tmp_path / "file" / "below"
    (tmp_path / "file").touch()

    for path, problem in [
        (absent, f"no such file: {absent}"),
        (tmp_path, f"a directory, not a file: {tmp_path}"),
        (closed, f"cannot read {closed}: Not a directory"),
    ]:
        with pytest.raises(ConfigurationError) as raised:
            check_files(["-", str(path)])
        assert str(raised.value) == problem


def test_a_name_is_no_markup_and_steers_no_terminal(tmp_path):
    folder = tmp_path / "ev["
    folder.mkdir()
    path = folder / "x]\x1b[31m.jsonl"
    path.touch()
    drawn = io.StringIO()
    bar = reading_bar()
    bar.live.console = Console(file=drawn, force_terminal=True, width=1_000, color_system=None)

    with bar:
        assert list(read_with_bar(bar, str(path))) == []
        bar.refresh()

    assert f"{folder}/x]\\u001b[31m.jsonl holds no event" in drawn.getvalue()
    assert "\x1b[31m" not in drawn.getvalue()
