from airflow_provider_dzlineage.forwarding.report import ProgressLog, Report


def test_a_long_drain_is_logged_every_half_minute_and_a_short_one_never():
    lines = []
    progress = ProgressLog(lines.append)

    for half_second in range(200):
        progress.update(Report(posted=half_second, seconds=half_second / 2))

    assert len(lines) == 3
    assert lines[0].startswith("so far: received 60 = posted 60")
