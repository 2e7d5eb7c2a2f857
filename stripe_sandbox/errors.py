"""What the API refuses, in Stripe's envelope."""

from __future__ import annotations

from typing import Any


class ApiError(ValueError):
    """Carry one refusal: HTTP status, Stripe's type, code, param and message."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.type = type
        self.code = code
        self.param = param

    def body(self, request_id: str) -> dict[str, Any]:
        """Build the error envelope; fields without a value are left out, as Stripe does."""
        fields = {
            "message": str(self),
            "type": self.type,
            "code": self.code,
            "param": self.param,
            "doc_url": self.code and f"https://stripe.com/docs/error-codes/{self.code}",
            "request_log_url": f"https://dashboard.stripe.com/test/logs/{request_id}",
        }
        return {"error": {key: value for key, value in fields.items() if value is not None}}


def missing(kind: str, id: str, param: str = "id", status: int = 404) -> ApiError:
    """Say that there is no such object."""
    noun = {"checkout.session": "checkout.session", "radar.early_fraud_warning": "warning"}
    message = f"No such {noun.get(kind, kind)}: '{id}'"
    return ApiError(message, status=status, code="resource_missing", param=param)


def required(param: str) -> ApiError:
    """Say that a parameter is missing."""
    return ApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)
