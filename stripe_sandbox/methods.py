"""Ways of paying: where each is offered, what it costs, what its charge looks like."""

from __future__ import annotations

from dataclasses import dataclass, field

from .store import Obj

CARD_CHECKS = {
    "address_line1_check": None,
    "address_postal_code_check": None,
    "cvc_check": "pass",
}
CARD: Obj = {
    "amount_authorized": None,
    "authorization_code": "123456",
    "brand": "visa",
    "checks": CARD_CHECKS,
    "country": "CH",
    "exp_month": 8,
    "exp_year": 2034,
    "extended_authorization": {"status": "disabled"},
    "fingerprint": "SandboxFingerprn",
    "funding": "credit",
    "incremental_authorization": {"status": "unavailable"},
    "installments": None,
    "last4": "4242",
    "mandate": None,
    "multicapture": {"status": "unavailable"},
    "network": "visa",
    "network_token": {"used": False},
    "network_transaction_id": "123456789012345",
    "overcapture": {"maximum_amount_capturable": 0, "status": "unavailable"},
    "regulated_status": "unregulated",
    "three_d_secure": None,
    "wallet": None,
}
SEPA: Obj = {
    "bank_code": "37040044",
    "branch_code": "",
    "country": "DE",
    "expected_debit_date": None,
    "fingerprint": "SandboxIbanPrint",
    "last4": "3000",
    "mandate": None,
}
IDEAL: Obj = {
    "bank": "ing",
    "bic": "INGBNL2A",
    "generated_sepa_debit": None,
    "generated_sepa_debit_mandate": None,
    "iban_last4": "5264",
    "verified_name": "Sandbox Donor",
}


@dataclass(frozen=True)
class Method:
    """A way of paying; `basis_points` and `flat` (two decimals) make the fee."""

    label: str
    currencies: tuple[str, ...]  # empty: all of them
    basis_points: int
    flat: int
    details: Obj = field(default_factory=dict)
    slow: bool = False  # the money comes, or fails, days later
    available_after: int = 2  # days
    recurs: bool = False  # can be charged again without its owner


METHODS = {
    "card": Method("Card", (), 290, 30, CARD, recurs=True),
    "twint": Method("TWINT", ("chf",), 190, 30, {"mandate": None}),
    "sepa_debit": Method("SEPA Direct Debit", ("eur",), 0, 35, SEPA, True, 6, recurs=True),
    "ideal": Method("iDEAL", ("eur",), 0, 29, IDEAL),
    "eps": Method("EPS", ("eur",), 160, 25, {"bank": None, "verified_name": None}),
}


def offered(
    currency: str,
    allowed: list[str] | None,
    excluded: list[str] | None,
    recurring: bool = False,
) -> list[str]:
    """Name the ways of paying that a currency has and the session lets through."""
    return [
        name
        for name, method in METHODS.items()
        if (not method.currencies or currency in method.currencies)
        and (allowed is None or name in allowed)
        and name not in (excluded or [])
        and (method.recurs or not recurring)
    ]


def fee(name: str, settled: int, decimals: int) -> int:
    """Return Stripe's fee on a settled amount, in minor units."""
    method = METHODS[name]
    share: int = (settled * method.basis_points + 5_000) // 10_000
    return int(share + method.flat * 10**decimals // 100)


def charge_details(name: str) -> Obj:
    """Build a charge's `payment_method_details`."""
    return {"type": name, name: dict(METHODS[name].details)}


def payment_method(name: str, id: str, created: int, billing: Obj) -> Obj:
    """Build the payment method that a hosted page collected."""
    return {
        "id": id,
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing,
        "created": created,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": name,
        name: dict(STORED[name]),
    }


STORED: dict[str, Obj] = {
    "card": {
        "brand": "visa",
        "checks": CARD_CHECKS,
        "country": "CH",
        "display_brand": "visa",
        "exp_month": 8,
        "exp_year": 2034,
        "fingerprint": "SandboxFingerprn",
        "funding": "credit",
        "generated_from": None,
        "last4": "4242",
        "networks": {"available": ["visa"], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    },
    "sepa_debit": {
        "bank_code": "37040044",
        "branch_code": "",
        "country": "DE",
        "fingerprint": "SandboxIbanPrint",
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": "3000",
    },
    "ideal": {"bank": "ing", "bic": "INGBNL2A"},
    "twint": {},
    "eps": {"bank": None},
}
