"""Stripe's refusals: HTTP status, type, code and words."""

from collections.abc import Mapping
from typing import Any

TYPES = {
    401: "invalid_request_error",
    403: "invalid_request_error",
    409: "idempotency_error",
    429: "invalid_request_error",
}
MESSAGES = {
    "charge_already_refunded": "Charge has already been refunded.",
    "charge_disputed": "Charge has been charged back; cannot issue a refund.",
    "balance_insufficient": "Insufficient funds in your Stripe balance.",
    "idempotency_key_in_use": "There is currently another in-progress request using"
    " this Stripe idempotent key.",
    "idempotency_error": "Keys for idempotent requests can only be used with the same"
    " parameters they were first used with.",
    "rate_limit": "Too many requests hit the API too quickly.",
    "api_error": "An unknown error occurred.",
}


class Refused(Exception):
    """`kept`: stays under the idempotency key, because the work had begun."""

    def __init__(
        self,
        status: int,
        code: str = "",
        *,
        message: str = "",
        param: str = "",
        kept: bool = False,
    ) -> None:
        super().__init__(code or message)
        self.status = status
        self.code = code
        self.kept = kept
        self._message = message or MESSAGES.get(code, "The request was refused.")
        self._param = param

    @property
    def content(self) -> Mapping[str, Any]:
        error = {"message": self._message, "type": self._type()}
        if self.code and self.code != error["type"]:
            error["code"] = self.code
        if self._param:
            error["param"] = self._param
        return {"error": error}

    def _type(self) -> str:
        if self.status >= 500:
            return "api_error"
        if self.code == "idempotency_error":
            return "idempotency_error"
        return TYPES.get(self.status, "invalid_request_error")


def invalid(param: str, code: str = "", *, message: str = "") -> Refused:
    """A parameter that can't be used: found before the work begins, never kept."""
    return Refused(400, code, message=message or f"Invalid {param}.", param=param)
