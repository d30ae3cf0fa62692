import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.aws.arns import Arn, partition_of, queue_account, queue_endpoint, queue_region


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
    assert queue_region(url) == region


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
    assert queue_account(url) == account


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://sqs.us-east-1.amazonaws.com/123456789012/q", "https://sqs.us-east-1.amazonaws.com"),
        ("https://eu-west-1.queue.amazonaws.com/123456789012/q", "https://sqs.eu-west-1.amazonaws.com"),
        ("https://queue.amazonaws.com/123456789012/q", "https://sqs.us-east-1.amazonaws.com"),
        ("https://cn-north-1.queue.amazonaws.com.cn/123456789012/q", "https://sqs.cn-north-1.amazonaws.com.cn"),
        ("http://127.0.0.1:4566/000000000000/q", "http://127.0.0.1:4566"),
    ],
)
def test_the_endpoint_is_the_host_or_what_replaced_it(url, endpoint):
    assert queue_endpoint(url) == endpoint


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ],
)
def test_the_partition_follows_the_region(region, partition):
    assert partition_of(region) == partition


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        ("arn:aws:sqs:eu-west-1:123456789012:dead.fifo", Arn("aws", "sqs", "eu-west-1", "123456789012", "dead.fifo")),
        (
            "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:keys-AbCdEf",
            Arn("aws-cn", "secretsmanager", "cn-north-1", "123456789012", "secret:keys-AbCdEf"),
        ),
        ("arn:aws:s3:::lake/raw", Arn("aws", "s3", "", "", "lake/raw")),
        ("arn:aws:sqs:eu-west-1:123456789012", None),
        ("lineage-keys", None),
        ("a:b:c:d:e:f", None),
        ("", None),
    ],
)
def test_an_arn_has_its_parts(text, arn):
    assert Arn.parse(text) == arn


PARTS = st.text(st.characters(exclude_characters=":"))


@given(PARTS, PARTS, PARTS, PARTS, st.text())
def test_the_resource_of_an_arn_may_hold_colons(partition, service, region, account, resource):
    text = f"arn:{partition}:{service}:{region}:{account}:{resource}"

    assert Arn.parse(text) == Arn(partition, service, region, account, resource)


@given(st.text())
def test_any_text_may_be_asked(text):
    Arn.parse(text)
