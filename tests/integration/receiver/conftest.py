"""The fixtures of these tests."""

from tests.fixtures.receiver import aws, basic, endpoint, post, queue_url, queued, sqs_of_module, variables
