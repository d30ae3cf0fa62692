"""Errors in the shape that AWS gives them."""

from __future__ import annotations


class ApiError(Exception):
    """An error answer.

    :param code: name of the error's shape, such as ``ValidationException``.
    :param message: for a person.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
