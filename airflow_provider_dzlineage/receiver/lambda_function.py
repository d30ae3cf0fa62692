"""The function's handler for AWS Lambda: ``airflow_provider_dzlineage.receiver.lambda_function.handler``."""

from airflow_provider_dzlineage.receiver.aws_lambda import make_handler

handler = make_handler()
