"""Keys, parameters, errors, pages, expansion, idempotency: what every call has in common."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st
from stripe._encode import _api_encode

from stripe_sandbox import Sandbox
from stripe_sandbox.params import parse
from tests.stripe_sandbox.shop import basket, begin, paid


def call(
    sandbox: Sandbox, method: str, path: str, data: Any = None, **headers: str
) -> requests.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    given = {"Authorization": f"Bearer {sandbox.key}", **names}
    return requests.request(method, sandbox.url + path, data=data, headers=given, timeout=5)


def form(**params: Any) -> list[tuple[str, Any]]:
    return list(_api_encode(params))


def test_a_call_without_a_key_or_with_another_one_is_refused(sandbox: Sandbox) -> None:
    nothing = requests.get(f"{sandbox.url}/v1/balance", timeout=5)
    assert nothing.status_code == 401
    assert "did not provide an API key" in nothing.json()["error"]["message"]
    wrong = call(sandbox, "GET", "/v1/balance", Authorization="Bearer sk_test_another_one")
    assert wrong.status_code == 401
    assert "another_one" not in wrong.text
    client = stripe.StripeClient("sk_test_wrong_key", base_addresses={"api": sandbox.url})
    with pytest.raises(stripe.AuthenticationError):
        client.v1.balance.retrieve()


def test_the_key_may_come_by_basic_authentication(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/v1/balance", auth=(sandbox.key, ""), timeout=5)
    assert answer.status_code == 200


def test_answers_carry_a_request_id_and_the_version(sandbox: Sandbox) -> None:
    plain = call(sandbox, "GET", "/v1/balance")
    assert plain.headers["Request-Id"].startswith("req_")
    assert plain.headers["Stripe-Version"] == stripe.api_version
    asked = call(sandbox, "GET", "/v1/balance", Stripe_Version="2026-01-01.other")
    assert asked.headers["Stripe-Version"] == "2026-01-01.other"


def test_an_unknown_address_is_refused_in_the_envelope(sandbox: Sandbox) -> None:
    answer = call(sandbox, "GET", "/v1/nothing")
    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.headers["Request-Id"] in answer.json()["error"]["request_log_url"]


def test_a_missing_object_says_so(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such charge: 'ch_x'") as caught:
        client.v1.charges.retrieve("ch_x")
    assert (caught.value.code, caught.value.http_status) == ("resource_missing", 404)


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"metadata": {"a": {"b": "c"}}}, None, "metadata[a]"),
        (
            {"payment_intent_data": {"metadata": {}, "colour": "red"}},
            "parameter_unknown",
            "payment_intent_data[colour]",
        ),
        ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
        ({"mode": "donation"}, None, "mode"),
        ({"locale": "ky"}, None, "locale"),
        ({"submit_type": ""}, "parameter_invalid_empty", "submit_type"),
        ({"allow_promotion_codes": "yes"}, None, "allow_promotion_codes"),
        ({"line_items": "one"}, None, "line_items"),
        ({"success_url": {"a": "b"}}, None, "success_url"),
        (
            {"payment_method_types": ["card"]},
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        ({"discounts": [{"coupon": "x"}]}, "sandbox_not_implemented", "discounts"),
    ],
)
def test_parameters_are_checked_against_the_sdk(
    sandbox: Sandbox, params: dict[str, Any], code: str | None, param: str
) -> None:
    merged = {**basket(), **params}
    answer = call(sandbox, "POST", "/v1/checkout/sessions", form(**merged))
    error = answer.json()["error"]
    assert (answer.status_code, error.get("code"), error["param"]) == (400, code, param)


def test_a_nested_parameter_can_be_missing(sandbox: Sandbox) -> None:
    items = [{"price_data": {"unit_amount": 500}, "quantity": 1}]
    answer = call(sandbox, "POST", "/v1/checkout/sessions", form(**basket(line_items=items)))
    error = answer.json()["error"]
    assert error["code"] == "parameter_missing"
    assert error["param"] == "line_items[0][price_data][currency]"


words = st.text("abc_", min_size=1, max_size=4)
values: Any = st.recursive(
    st.text(min_size=1, max_size=5) | st.integers(),
    lambda inner: st.dictionaries(words, inner, min_size=1, max_size=3),
    max_leaves=8,
)


def texts(value: Any) -> Any:
    return {k: texts(v) for k, v in value.items()} if isinstance(value, dict) else str(value)


@settings(deadline=None)
@given(st.dictionaries(words, values, max_size=4))
def test_what_the_sdk_encodes_is_parsed_back(params: dict[str, Any]) -> None:
    assert parse((key, str(value)) for key, value in _api_encode(params)) == texts(params)


def test_lists_come_in_pages_both_ways(client: stripe.StripeClient) -> None:
    ids = [begin(client).id for _ in range(7)][::-1]
    list_ = client.v1.checkout.sessions.list
    first = list_(params={"limit": 3})
    assert ([one.id for one in first.data], first.has_more) == (ids[:3], True)
    last = list_(params={"limit": 10, "starting_after": ids[4]})
    assert ([one.id for one in last.data], last.has_more) == (ids[5:], False)
    back = list_(params={"limit": 2, "ending_before": ids[4]})
    assert ([one.id for one in back.data], back.has_more) == (ids[2:4], True)
    every = [one.id for one in list_(params={"limit": 2}).auto_paging_iter()]
    assert every == ids


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 101}, {"starting_after": "cs_nobody"}])
def test_a_page_that_cannot_be_is_refused(client: stripe.StripeClient, params: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.list(params=params)


def test_ids_are_expanded_as_deep_as_asked(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    charge = paid(sandbox, client)
    sandbox.refund(charge.id, 100)
    expand = [
        "data.payment_intent.latest_charge.balance_transaction",
        "data.line_items",
    ]
    session = client.v1.checkout.sessions.list(params={"expand": expand}).data[0]
    intent: Any = session.payment_intent
    assert intent.latest_charge.balance_transaction.source == charge.id
    assert session.line_items and session.line_items.data[0].amount_total == 5000
    seen: Any = client.v1.charges.retrieve(charge.id, params={"expand": ["refunds"]})
    assert [one.amount for one in seen.refunds.data] == [100]


@pytest.mark.parametrize("path", ["colour", "amount", "payment_intent.a.b.c.d"])
def test_what_cannot_be_expanded_is_refused(
    sandbox: Sandbox, client: stripe.StripeClient, path: str
) -> None:
    charge = paid(sandbox, client)
    with pytest.raises(stripe.InvalidRequestError, match="expand"):
        client.v1.charges.retrieve(charge.id, params={"expand": [path]})


def test_the_same_key_gives_the_same_answer(sandbox: Sandbox) -> None:
    data = form(**basket())
    first = call(sandbox, "POST", "/v1/checkout/sessions", data, Idempotency_Key="pledge-1")
    again = call(sandbox, "POST", "/v1/checkout/sessions", data, Idempotency_Key="pledge-1")
    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert len(call(sandbox, "GET", "/v1/checkout/sessions").json()["data"]) == 1


def test_another_body_under_the_same_key_is_refused(client: stripe.StripeClient) -> None:
    options: Any = {"idempotency_key": "pledge-1"}
    client.v1.checkout.sessions.create(params=basket(5000), options=options)
    with pytest.raises(stripe.IdempotencyError) as caught:
        client.v1.checkout.sessions.create(params=basket(6000), options=options)
    assert caught.value.http_status == 400


def test_parameters_that_do_not_validate_do_not_use_up_a_key(client: stripe.StripeClient) -> None:
    options: Any = {"idempotency_key": "pledge-1"}
    wrong: Any = {**basket(), "colour": "red"}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(params=wrong, options=options)
    assert client.v1.checkout.sessions.create(params=basket(), options=options).id


def test_a_refusal_by_the_account_is_replayed_too(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client)
    data = form(charge=charge.id, amount=9999)
    first = call(sandbox, "POST", "/v1/refunds", data, Idempotency_Key="r")
    again = call(sandbox, "POST", "/v1/refunds", data, Idempotency_Key="r")
    assert (first.status_code, again.status_code) == (400, 400)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_keys_are_forgotten_after_a_day(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    options: Any = {"idempotency_key": "pledge-1"}
    first = client.v1.checkout.sessions.create(params=basket(), options=options)
    sandbox.advance(days=1)
    assert client.v1.checkout.sessions.create(params=basket(), options=options).id != first.id


def test_customers_can_be_changed_and_found(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create(params={"email": "a@example.org", "metadata": {"a": "1"}})
    client.v1.customers.create(params={"email": "b@example.org"})
    found = client.v1.customers.list(params={"email": "a@example.org"})
    assert [one.id for one in found.data] == [customer.id]
    changed = client.v1.customers.update(
        customer.id, params={"name": "Aigul", "metadata": {"a": "", "b": "2"}}
    )
    assert changed.name == "Aigul"
    assert json.loads(str(changed.metadata)) == {"b": "2"}
