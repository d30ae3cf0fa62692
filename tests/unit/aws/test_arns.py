import pytest

from airflow_provider_dzlineage.aws.arns import account_of, region_of


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://sqs.us-east-1.amazonaws.com/123456789012/q", "us-east-1"),
        ("https://sqs.us-gov-west-1.amazonaws.com/123456789012/q", "us-gov-west-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q", "cn-north-1"),
        ("https://sqs-fips.us-east-2.amazonaws.com/123456789012/q", "us-east-2"),
        ("https://eu-west-1.queue.amazonaws.com/123456789012/q", "eu-west-1"),
        ("https://vpce-0a1b-2c3d.sqs.ap-south-2.vpce.amazonaws.com/123456789012/q", "ap-south-2"),
        ("http://127.0.0.1:4566/000000000000/q", None),
        ("https://queue.amazonaws.com/123456789012/q", None),
        ("nonsense", None),
    ],
)
def test_the_region_is_read_from_the_host(url, region):
    assert region_of(url) == region


@pytest.mark.parametrize(
    ("url", "account"),
    [
        ("https://sqs.us-east-1.amazonaws.com/123456789012/q", "123456789012"),
        ("http://127.0.0.1:4566/000000000000/q.fifo", "000000000000"),
        ("http://127.0.0.1:4566/queue/q", None),
        ("nonsense", None),
    ],
)
def test_the_account_is_read_from_the_path(url, account):
    assert account_of(url) == account
