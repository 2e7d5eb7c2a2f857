"""Customers: the person a session may name or create."""

from __future__ import annotations

from .account import Account
from .events import emit
from .paging import listing
from .params import merge, metadata
from .store import Obj, change

PLAIN = ("address", "description", "email", "name", "phone", "shipping")


def create(account: Account, params: Obj) -> Obj:
    """Create a customer."""
    customer = account.store.add(_customer(account, params))
    emit(account, "customer.created", customer)
    return customer


def _customer(account: Account, params: Obj) -> Obj:
    return {
        "id": account.store.new_id("cus_", 14),
        "object": "customer",
        **{name: params.get(name) for name in PLAIN},
        "balance": 0,
        "created": account.clock.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "discount": None,
        "invoice_prefix": account.store.new_id("", 8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": metadata(params.get("metadata")),
        "next_invoice_sequence": 1,
        "preferred_locales": params.get("preferred_locales", []),
        "tax_exempt": "none",
        "test_clock": None,
    }


def update(account: Account, params: Obj, id: str) -> Obj:
    """Change a customer's plain fields and metadata."""
    customer = account.store.get("customer", id)
    changes = {name: params[name] or None for name in PLAIN if name in params}
    if "metadata" in params:
        changes["metadata"] = merge(customer["metadata"], params["metadata"])
    previous = change(customer, **changes)
    emit(account, "customer.updated", customer, previous)
    return customer


def retrieve(account: Account, params: Obj, id: str) -> Obj:
    """Return one customer."""
    return account.store.get("customer", id)


def list_customers(account: Account, params: Obj) -> Obj:
    """List customers by e-mail and time, newest first."""
    return listing(account.store.all("customer"), params, "/v1/customers", ("email",))
