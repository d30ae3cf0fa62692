import pytest

from airflow_provider_dzlineage.doctor.name_checks import check_names


@pytest.mark.parametrize(
    "name", ["DZLINEAGE_QUEUE_URL", "DZLINEAGE_API_KEYS", "DZLINEAGE_MAX_BODY_BYTES", "AWS_REGION", "QEUE_URL"]
)
def test_what_is_read_or_not_ours_is_passed_over(name):
    assert not list(check_names([name]))


@pytest.mark.parametrize("option", ["queue_url", "api_keys_secret", "api_keys_cmd", "queue_url_secret"])
def test_what_airflow_reads_is_passed_over(option):
    assert not list(check_names([], [option]))


@pytest.mark.parametrize(
    ("variables", "options", "check", "fix"),
    [
        (["DZLINEAGE_QEUE_URL"], [], "DZLINEAGE_QEUE_URL", "if DZLINEAGE_QUEUE_URL is meant, rename it"),
        (["DZLINEAGE_MAX_BODY_BITES"], [], "DZLINEAGE_MAX_BODY_BITES", "if DZLINEAGE_MAX_BODY_BYTES is meant"),
        (["DZLINEAGE_COLOUR"], [], "DZLINEAGE_COLOUR", "remove it"),
        ([], ["queue_url", "domainid"], "[dzlineage] domainid", "if domain_id is meant, rename it"),
    ],
)
def test_what_nothing_reads_is_told_with_what_may_be_meant(variables, options, check, fix):
    (finding,) = check_names(variables, options)

    assert (finding.check, finding.verdict.value) == (check, "warn")
    assert finding.fix.startswith(fix)
