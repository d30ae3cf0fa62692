"""A secret of AWS Secrets Manager."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from airflow_provider_dzlineage.aws import USER_AGENT
from airflow_provider_dzlineage.errors import ConfigurationError, mask_urls
from airflow_provider_dzlineage.receiver.in_time import in_time

_CONFIG = Config(
    connect_timeout=1, read_timeout=1.5, retries={"total_max_attempts": 1, "mode": "standard"}, user_agent=USER_AGENT
)
# Longer than both time-outs, which are for each wait: an answer that comes one byte at a time outlasts them.
_GIVE_UP_SECONDS = 3.0


def secret_reader(name: str) -> Callable[[], str]:
    """Make a function that returns the text of a secret.

    :param name: the secret's name or ARN; an ARN also says its Region.
    :raises ConfigurationError: when there can be no client; the function, when the secret cannot be read.
    """
    parts = name.split(":")
    region = parts[3] if name.startswith("arn:") and len(parts) > 3 else None
    try:
        client: Any = botocore.session.get_session().create_client("secretsmanager", region_name=region, config=_CONFIG)
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"no client for secretsmanager: {mask_urls(str(error))}") from error

    def read() -> str:
        try:
            secret = in_time(lambda: client.get_secret_value(SecretId=name), _GIVE_UP_SECONDS)
            return str(secret.get("SecretString", ""))
        except TimeoutError:
            raise ConfigurationError(
                f"the secret {name} cannot be read: no answer within {_GIVE_UP_SECONDS:.0f} seconds"
            ) from None
        except ClientError as error:
            code = error.response["Error"].get("Code", "Unknown")
            raise ConfigurationError(
                f"the secret {name} cannot be read: {code} -- To fix: check its name and Region, and allow "
                "secretsmanager:GetSecretValue (and kms:Decrypt for a key of your own) to the role that runs this"
            ) from None
        except BotoCoreError as error:
            raise ConfigurationError(f"the secret {name} cannot be read: {mask_urls(str(error))}") from None

    return read
