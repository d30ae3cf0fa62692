"""What every model of an AWS service does as boto3's client of it does."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator

_VALIDATOR = ParamValidator()


@cache
def _service(name: str) -> Any:
    return botocore.session.get_session().get_service_model(name)


@cache
def _operations(name: str) -> dict[str, str]:
    return {xform_name(operation): operation for operation in _service(name).operation_names}


def client_error(method: str, code: str, message: str = "modelled", status: int = 400) -> ClientError:
    """Make the exception that a boto3 client raises for an error answer."""
    metadata = {"HTTPStatusCode": status, "RequestId": f"request-{code}"}
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return ClientError(response, "".join(word.title() for word in method.split("_")))


class ModelService:
    """The part of a boto3 client that names operations and checks their parameters.

    :param name: of the service in botocore.
    """

    def __init__(self, name: str) -> None:
        self._service_name = name
        self.meta = SimpleNamespace(method_to_api_mapping=_operations(name))

    def _check(self, method: str, parameters: dict[str, Any]) -> None:
        """Refuse what botocore refuses by the service's own model."""
        shape = _service(self._service_name).operation_model(self.meta.method_to_api_mapping[method]).input_shape
        report = _VALIDATOR.validate(parameters, shape)
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())
