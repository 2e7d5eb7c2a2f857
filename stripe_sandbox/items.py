"""Line items of a session, with the price and the product that they make."""

from __future__ import annotations

from .account import Account
from .currencies import MINIMUM, check_amount, check_currency
from .errors import ApiError, missing, required
from .params import metadata
from .store import Obj


def build_items(account: Account, params: Obj) -> list[Obj]:
    """Build the line items; refuse what Stripe refuses about amounts and currencies."""
    given = params.get("line_items") or []
    if not given:
        raise required("line_items")
    recurring = params.get("mode", "payment") == "subscription"
    for index, item in enumerate(given):
        _check(account, item, f"line_items[{index}]", recurring)
    if len({item["price_data"]["currency"].lower() for item in given}) > 1:
        message = "All line items must be in the same currency."
        raise ApiError(message, param="line_items")
    _check_total(account, given)
    return [_item(account, item) for item in given]


def _check(account: Account, item: Obj, path: str, recurring: bool) -> None:
    if "price" in item:
        raise missing("price", item["price"], f"{path}[price]", 400)
    if "price_data" not in item:
        raise required(f"{path}[price_data]")
    if item.get("quantity", 0) < 1:
        raise required(f"{path}[quantity]")
    _check_recurring(item["price_data"], f"{path}[price_data]", recurring)
    _check_price(account, item["price_data"], f"{path}[price_data]")


def _check_recurring(price: Obj, path: str, wanted: bool) -> None:
    if wanted and "recurring" not in price:
        message = (
            "You must provide at least one recurring price in `subscription` mode when using "
            "prices."
        )
        raise ApiError(message, param="line_items")
    if not wanted and "recurring" in price:
        message = (
            "You specified `payment` mode but passed a recurring price. Either switch to "
            "`subscription` mode or use only one-time prices."
        )
        raise ApiError(message, param=path)


def _check_price(account: Account, price: Obj, path: str) -> None:
    check_currency(price["currency"], f"{path}[currency]")
    if "product" in price:
        raise missing("product", price["product"], f"{path}[product]", 400)
    if "product_data" not in price:
        raise required(f"{path}[product_data]")
    check_unit_amount(price, path)
    if "recurring" in price:
        check_recurrence(price["recurring"], f"{path}[recurring]")


def check_recurrence(recurring: Obj, path: str) -> None:
    """Refuse what is not once a month: the sandbox's clock knows months only."""
    if (recurring["interval"], recurring.get("interval_count", 1)) != ("month", 1):
        message = "The sandbox only renews once a month."
        raise ApiError(message, code="sandbox_not_implemented", param=path)


def check_unit_amount(price: Obj, path: str) -> None:
    """Refuse a price without an amount, or below zero."""
    if "unit_amount" not in price:
        raise required(f"{path}[unit_amount]")
    if price["unit_amount"] < 0:
        message = "Invalid non-negative integer"
        code = "parameter_invalid_integer"
        raise ApiError(message, code=code, param=f"{path}[unit_amount]")


def _check_total(account: Account, given: list[Obj]) -> None:
    currency = given[0]["price_data"]["currency"].lower()
    total = sum(item["price_data"]["unit_amount"] * item["quantity"] for item in given)
    minimum = MINIMUM.get(currency) or _worth_of_minimum(account, currency)
    check_amount(total, currency, minimum, "line_items")


def _worth_of_minimum(account: Account, currency: str) -> int:
    home = account.settlement[0]
    least = MINIMUM.get(home, 50)
    return account.rates.convert(least, home, currency, account.clock.day())[0]


def _item(account: Account, item: Obj) -> Obj:
    price = _price(account, item["price_data"])
    total = price["unit_amount"] * item["quantity"]
    return {
        "id": account.store.new_id("li_"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price["currency"],
        "description": item["price_data"]["product_data"]["name"],
        "metadata": metadata(item.get("metadata")),
        "price": price,
        "quantity": item["quantity"],
    }


def _price(account: Account, data: Obj) -> Obj:
    product = account.store.add(_product(account, data["product_data"]))
    return make_price(account, data, product["id"])


def make_price(account: Account, data: Obj, product: str) -> Obj:
    """Add an inline price of a product."""
    return account.store.add(
        {
            "id": account.store.new_id("price_"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": account.clock.now(),
            "currency": data["currency"].lower(),
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": product,
            "recurring": _recurring(data),
            "tax_behavior": data.get("tax_behavior", "unspecified"),
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "recurring" if "recurring" in data else "one_time",
            "unit_amount": data["unit_amount"],
            "unit_amount_decimal": str(data["unit_amount"]),
        }
    )


def _recurring(data: Obj) -> Obj | None:
    if "recurring" not in data:
        return None
    return {
        "interval": data["recurring"]["interval"],
        "interval_count": data["recurring"].get("interval_count", 1),
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _product(account: Account, data: Obj) -> Obj:
    now = account.clock.now()
    return {
        "id": account.store.new_id("prod_", 14),
        "object": "product",
        "active": False,
        "created": now,
        "default_price": None,
        "description": data.get("description"),
        "images": data.get("images", []),
        "livemode": False,
        "marketing_features": [],
        "metadata": metadata(data.get("metadata")),
        "name": data["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": now,
        "url": None,
    }
