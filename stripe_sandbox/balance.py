"""Balance transactions: every movement of the account's money, in its settlement currency."""

from __future__ import annotations

from .account import Account
from .paging import listing
from .store import DAY, Obj


def record(
    account: Account,
    source: Obj,
    amount: int,
    currency: str,
    *,
    type: str,
    category: str,
    fee: int = 0,
    rate: float | None = None,
    days: int = 0,
    description: str | None = None,
    fee_text: str = "Stripe processing fees",
) -> Obj:
    """Add a movement; `amount` and `fee` are in the settlement currency, signed and not."""
    now = account.clock.now()
    return account.store.add(
        {
            "id": account.store.new_id("txn_"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": now + days * DAY,
            "balance_type": "payments",
            "created": now,
            "currency": currency,
            "description": description,
            "exchange_rate": rate,
            "fee": fee,
            "fee_details": _fee_details(fee, currency, fee_text),
            "net": amount - fee,
            "reporting_category": category,
            "source": source["id"],
            "status": "pending" if days else "available",
            "type": type,
        }
    )


def _fee_details(fee: int, currency: str, text: str) -> list[Obj]:
    if not fee:
        return []
    detail: Obj = {"amount": fee, "application": None, "currency": currency}
    return [{**detail, "description": text, "type": "stripe_fee"}]


def mature(account: Account) -> None:
    """Mark what has become available."""
    for one in account.store.all("balance_transaction"):
        if one["status"] == "pending" and one["available_on"] <= account.clock.now():
            one["status"] = "available"


def retrieve(account: Account, params: Obj, id: str) -> Obj:
    """Return one balance transaction."""
    return account.store.get("balance_transaction", id)


def list_transactions(account: Account, params: Obj) -> Obj:
    """List movements by source, type, currency, payout and time, newest first."""
    found = account.store.all("balance_transaction")
    if "payout" in params:
        found = [one for one in found if one.get("_payout") == params["payout"]]
    url = "/v1/balance_transactions"
    return listing(found, params, url, ("source", "type", "currency"))


def show(account: Account, params: Obj) -> Obj:
    """Add up what is available and what is pending, per currency."""
    return {
        "object": "balance",
        "available": _sums(account, "available"),
        "livemode": False,
        "pending": _sums(account, "pending"),
    }


def _sums(account: Account, status: str) -> list[Obj]:
    totals = dict.fromkeys(account.settlement, 0)
    for one in account.store.all("balance_transaction"):
        if one["status"] == status:
            totals[one["currency"]] = totals.get(one["currency"], 0) + one["net"]
    return [
        {"amount": total, "currency": currency, "source_types": {"card": total}}
        for currency, total in totals.items()
    ]
