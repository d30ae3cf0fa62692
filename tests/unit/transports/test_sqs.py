import copy
import pickle

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transports.sqs import SqsConfig

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/openlineage"


def test_the_queue_url_is_enough():
    config = SqsConfig.from_dict({"queue_url": URL})

    assert config == SqsConfig(queue_url=URL, timeout=5.0, message_group="run")


def test_keys_that_the_client_adds_are_no_mistake():
    assert SqsConfig.from_dict({"queue_url": URL, "type": "x", "name": "first", "priority": 1}).queue_url == URL


def test_values_from_environment_variables_may_be_of_another_type():
    config = SqsConfig.from_dict({"queue_url": URL, "timeout": "2.5", "region_name": 7})

    assert (config.timeout, config.region_name) == (2.5, "7")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "key 'queue_url' is missing"),
        ({"queue_url": ""}, "key 'queue_url' is missing"),
        ({"queue_url": "openlineage"}, "key 'queue_url' must be the URL of a queue"),
        ({"queue_url": URL, "queueUrl": URL}, "key 'queueUrl' is unknown; there are endpoint_url, "),
        ({"queue_url": URL, "timeout": "soon"}, "key 'timeout' must be a number of seconds"),
        ({"queue_url": URL, "timeout": 0}, "key 'timeout' must be a number of seconds"),
        ({"queue_url": URL, "message_group": "dag"}, "key 'message_group' must be run or job"),
    ],
)
def test_a_mistake_is_named_with_a_right_example(params, message):
    with pytest.raises(ConfigurationError) as caught:
        SqsConfig.from_dict(params)

    assert message in str(caught.value)
    assert '"queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/openlineage"' in str(caught.value)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda config: pickle.loads(pickle.dumps(config))])
def test_a_configuration_can_be_copied(again):
    config = SqsConfig(queue_url=URL, role_arn="arn", timeout=3.0)

    assert again(config) == config
