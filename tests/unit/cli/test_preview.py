"""The command as a shell runs it."""

import json

import pytest

from airflow_provider_dzlineage.cli import main

GLUE = "arn:aws:glue:eu-west-1:123456789012"


@pytest.fixture
def file_of(tmp_path):
    def write(*lines):
        path = tmp_path / "events.jsonl"
        path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        return str(path)

    return write


@pytest.fixture
def renamed(make_event):
    return make_event("load", outputs=[{"namespace": GLUE, "name": "sales.orders"}])


def test_it_shows_what_would_be_done(file_of, renamed, make_event, capsys):
    empty = make_event("nothing", inputs=[], outputs=[])

    assert main(["preview", file_of(renamed, empty)]) == 0

    shown = capsys.readouterr().out
    assert f"glue: {GLUE}  sales.orders\n    → {GLUE}  table/sales/orders" in shown
    assert f"writes {GLUE}:table/sales/orders\n" in shown
    assert "skip: draws_nothing" in shown
    assert shown.endswith("2 events: 1 post, 1 skip\n")


def test_as_json_it_is_one_object_a_line(file_of, renamed, capsys):
    assert main(["preview", "--json", file_of(renamed, renamed), "--merge", "always"]) == 0

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["identifiers"]["outputs"] == [f"{GLUE}:table/sales/orders"]
    assert (second["verdict"], second["with_place"]) == ("merge", first["place"])


def test_very_many_names_are_counted(file_of, make_event, capsys):
    inputs = [{"namespace": "s3://lake", "name": f"raw/{number}"} for number in range(1_234)]

    main(["preview", file_of(make_event("load", inputs=inputs))])

    shown = capsys.readouterr().out
    assert "reads  1,184 more, see --json" in shown
    assert shown.count("reads") == 51


def test_a_diff_shows_the_bodies(file_of, renamed, capsys):
    main(["preview", "--diff", file_of(renamed)])

    shown = capsys.readouterr().out
    assert '-      "name": "sales.orders"' in shown
    assert '+      "name": "table/sales/orders"' in shown


def test_bad_lines_are_shown_and_end_with_one(file_of, renamed, capsys):
    assert main(["preview", file_of(renamed, "{broken", '{"a": 1}')]) == 1

    shown = capsys.readouterr().out
    assert "dead letter: not_json" in shown
    assert "dead letter: not_an_event" in shown
    assert "3 events: 2 dead letter, 1 post" in shown


def test_renamed_jobs_and_united_datasets_are_shown(file_of, make_event, capsys):
    outputs = [{"namespace": "s3://lake", "name": f"orders/dt={day}"} for day in (1, 2)]

    main(["preview", file_of(make_event("load", outputs=outputs)), "--namespaces", '{"jobs": {"tests": "prod"}}'])

    shown = capsys.readouterr().out
    assert "  namespaces: job tests.load\n    → prod.load\n    because the setting 'namespaces' says so\n" in shown
    assert "  united: 2 outputs are now s3://lake  orders\n" in shown


def test_an_event_that_is_nested_deeply_is_shown(file_of, make_event, capsys):
    event = json.dumps(make_event("load", producer="s3a://x"))
    facet = '{"password": "x", "a": ' * 700 + "1" + "}" * 700

    path = file_of(event.replace('"run": {', '"run": {"facets": {"deep": ' + facet + "}, "))

    assert main(["preview", "--diff", path]) == 0
    assert "1 events: 1 post" in capsys.readouterr().out


def test_what_no_message_can_hold_is_previewed_as_its_escape(file_of, make_event, capsys):
    event = json.dumps(make_event("load \uffff"), ensure_ascii=False)

    assert main(["preview", "--json", file_of(event)]) == 0
    assert json.loads(capsys.readouterr().out)["size_after"] == len(event) + len("\\uffff") - 1


def test_a_file_without_events_is_named(capsys):
    assert main(["preview", "/dev/null"]) == 0

    shown = capsys.readouterr()
    assert shown.out == "no events\n"
    assert "/dev/null holds no event" in shown.err


def test_the_settings_of_the_rules_are_flags(file_of, renamed, capsys):
    assert main(["preview", file_of(renamed), "--exclude-jobs", "load", "--transforms", "glue"]) == 0

    assert "skip: filtered_job" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["no-such-file"], ["--transforms", "gleu"], ["--redshift", "{"]])
def test_wrong_usage_ends_with_two(file_of, renamed, arguments, capsys):
    assert main(["preview", file_of(renamed), *arguments]) == 2


def test_what_steers_a_terminal_is_not_printed_as_it_is(file_of, make_event, capsys):
    main(["preview", file_of(make_event("x\x1b[31m"))])

    assert "\x1b" not in capsys.readouterr().out


def test_a_domain_in_the_environment_alone_is_not_asked(file_of, renamed, monkeypatch):
    monkeypatch.setenv("DZLINEAGE_DOMAIN_ID", "dzd_local")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    assert main(["preview", file_of(renamed)]) == 0


def test_the_corpus_is_shown_whole(corpus, file_of, capsys):
    assert main(["preview", "--merge", "always", file_of(*corpus)]) == 0

    assert capsys.readouterr().out.endswith("74 events: 20 merge, 24 post, 30 skip\n")
