"""What an API server answers when it says no, as errors a caller can tell apart."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from kafka_mirror.errors import KafkaMirrorError, UnreachableError

JsonObject = dict[str, Any]

_ANONYMOUS = "system:anonymous"


class ApiError(KafkaMirrorError):
    """The API server refused; ``message`` holds its own words.

    Attributes:
        status: The HTTP status.
        reason: The machine-readable reason of the ``Status`` object, for example ``AlreadyExists``.
        message: What the server said.
        causes: One line per offending field, ``<path>: <message>``, if the server named any.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self, status: int, reason: str, message: str, causes: tuple[str, ...] = ()
    ) -> None:
        self.status, self.reason, self.message, self.causes = status, reason, message, causes
        super().__init__(message)


class NotFoundError(ApiError):
    """No such object, or the server does not serve its kind."""


class ConflictError(ApiError):
    """The object exists already, has changed meanwhile, or a field belongs to another manager."""


class GoneError(ApiError):
    """The resource version is too old to watch from: list again."""


class InvalidError(ApiError):
    """The object does not fit its schema."""


class CredentialRefusedError(UnreachableError):
    """The server answered, but not to this user."""


_ERROR_BY_STATUS: dict[int, type[ApiError]] = {
    400: InvalidError,
    404: NotFoundError,
    409: ConflictError,
    410: GoneError,
    422: InvalidError,
}


def api_error(status: int, reason: str, message: str, causes: tuple[str, ...] = ()) -> ApiError:
    """Make the error that stands for an HTTP status."""
    return _ERROR_BY_STATUS.get(status, ApiError)(status, reason, message, causes)


def error_from_response(
    status: int, phrase: str, body: bytes, *, what: str, endpoint: str
) -> KafkaMirrorError:
    """Read the ``Status`` object of a refusal.

    A refused credential (401, or 403 as nobody) is a ``CredentialRefusedError``: the cluster was not reached as the user
    who asked.
    """
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    answer: JsonObject = parsed if isinstance(parsed, dict) else {}
    message = str(answer.get("message") or body[:300].decode("utf-8", "replace").strip() or phrase)
    if status == 401 or (status == 403 and _ANONYMOUS in message):  # noqa: PLR2004
        return CredentialRefusedError(what, endpoint, f"the credential was refused ({message})")
    details = answer.get("details") or {}
    causes = tuple(
        f"{cause.get('field', '')}: {cause.get('message', '')}".removeprefix(": ")
        for cause in details.get("causes") or ()
    )
    return api_error(status, str(answer.get("reason") or phrase), message, causes)
