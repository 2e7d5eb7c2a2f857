"""The table of calls: method, path, the SDK's parameters, what of them is honoured, handler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripe import params as p
from stripe.params import checkout, radar
from werkzeug.routing import Map, Rule

from . import (
    balance,
    charges,
    customers,
    disputes,
    endpoints,
    events,
    invoices,
    refunds,
    sessions,
    subscriptions,
)
from .account import Account
from .store import Obj

Handler = Callable[..., Obj]
PAGE = frozenset({"expand", "limit", "starting_after", "ending_before", "created"})
SESSION = frozenset(
    {*sessions.ECHOED, "adaptive_pricing", "custom_text", "customer", "customer_creation",
     "expand", "expires_at", "line_items", "metadata", "mode", "payment_intent_data",
     "phone_number_collection", "subscription_data", "ui_mode"}
)  # fmt: skip
REFUND = frozenset({"amount", "charge", "expand", "metadata", "payment_intent", "reason"})
CUSTOMER = frozenset({*customers.PLAIN, "expand", "metadata", "preferred_locales"})
ENDPOINT = frozenset(
    {"api_version", "description", "disabled", "enabled_events", "expand", "metadata", "url"}
)
NOTES = frozenset({"description", "expand", "metadata"})
SHOW = frozenset({"expand"})
SUBSCRIPTION = frozenset(
    {"cancel_at_period_end", "default_payment_method", "description", "expand", "items",
     "metadata", "pause_collection", "payment_settings", "proration_behavior"}
)  # fmt: skip
CANCEL = frozenset({"expand", "invoice_now", "prorate"})
DISPUTE = frozenset({"evidence", "expand", "metadata", "submit"})


@dataclass(frozen=True)
class Call:
    """One call of the API; parameters outside `honours` are Stripe's but not yet the sandbox's."""

    method: str
    path: str
    params: Any
    honours: frozenset[str]
    handler: Handler

    def run(self, account: Account, params: Obj, arguments: Obj) -> Obj:
        """Carry out the call."""
        return self.handler(account, params, **arguments)


def _resource(
    path: str,
    retrieve: Handler,
    retrieve_params: Any,
    list_: Handler,
    list_params: Any,
    *filters: str,
) -> list[Call]:
    return [
        Call("GET", path, list_params, PAGE | set(filters), list_),
        Call("GET", f"{path}/<id>", retrieve_params, SHOW, retrieve),
    ]


SESSIONS = "/v1/checkout/sessions"
CALLS = [
    Call("POST", SESSIONS, checkout.SessionCreateParams, SESSION, sessions.create),
    *_resource(
        SESSIONS, sessions.retrieve, checkout.SessionRetrieveParams, sessions.list_sessions,
        checkout.SessionListParams, "payment_intent", "customer", "status", "customer_details",
        "subscription", "payment_link",
    ),
    Call("POST", f"{SESSIONS}/<id>/expire", checkout.SessionExpireParams, SHOW, sessions.expire),
    Call("GET", f"{SESSIONS}/<id>/line_items", checkout.SessionLineItemListParams, PAGE,
         sessions.line_items),
    *_resource(
        "/v1/payment_intents", charges.retrieve_intent, p.PaymentIntentRetrieveParams,
        charges.list_intents, p.PaymentIntentListParams, "customer",
    ),
    Call("POST", "/v1/payment_intents/<id>", p.PaymentIntentUpdateParams, NOTES,
         charges.update_intent),
    *_resource(
        "/v1/charges", charges.retrieve_charge, p.ChargeRetrieveParams, charges.list_charges,
        p.ChargeListParams, "payment_intent", "customer",
    ),
    Call("POST", "/v1/charges/<id>", p.ChargeUpdateParams, NOTES, charges.update_charge),
    Call("POST", "/v1/refunds", p.RefundCreateParams, REFUND, refunds.create),
    *_resource(
        "/v1/refunds", refunds.retrieve, p.RefundRetrieveParams, refunds.list_refunds,
        p.RefundListParams, "charge", "payment_intent",
    ),
    Call("POST", "/v1/refunds/<id>", p.RefundUpdateParams, NOTES, refunds.update),
    *_resource(
        "/v1/disputes", disputes.retrieve, p.DisputeRetrieveParams, disputes.list_disputes,
        p.DisputeListParams, "charge", "payment_intent",
    ),
    Call("POST", "/v1/disputes/<id>", p.DisputeUpdateParams, DISPUTE, disputes.update),
    Call("POST", "/v1/disputes/<id>/close", p.DisputeCloseParams, SHOW, disputes.close),
    *_resource(
        "/v1/radar/early_fraud_warnings", disputes.retrieve_warning,
        radar.EarlyFraudWarningRetrieveParams, disputes.list_warnings,
        radar.EarlyFraudWarningListParams, "charge", "payment_intent",
    ),
    Call("POST", "/v1/customers", p.CustomerCreateParams, CUSTOMER, customers.create),
    *_resource(
        "/v1/customers", customers.retrieve, p.CustomerRetrieveParams, customers.list_customers,
        p.CustomerListParams, "email",
    ),
    Call("POST", "/v1/customers/<id>", p.CustomerUpdateParams, CUSTOMER, customers.update),
    *_resource(
        "/v1/subscriptions", subscriptions.retrieve, p.SubscriptionRetrieveParams,
        subscriptions.list_subscriptions, p.SubscriptionListParams, "customer", "status",
    ),
    Call("POST", "/v1/subscriptions/<id>", p.SubscriptionUpdateParams, SUBSCRIPTION,
         subscriptions.update),
    Call("DELETE", "/v1/subscriptions/<id>", p.SubscriptionCancelParams, CANCEL,
         subscriptions.cancel),
    *_resource(
        "/v1/invoices", invoices.retrieve, p.InvoiceRetrieveParams, invoices.list_invoices,
        p.InvoiceListParams, "customer", "status", "subscription",
    ),
    *_resource(
        "/v1/invoice_payments", invoices.retrieve_payment, p.InvoicePaymentRetrieveParams,
        invoices.list_payments, p.InvoicePaymentListParams, "invoice", "status",
    ),
    Call("GET", "/v1/balance", p.BalanceRetrieveParams, SHOW, balance.show),
    *_resource(
        "/v1/balance_transactions", balance.retrieve, p.BalanceTransactionRetrieveParams,
        balance.list_transactions, p.BalanceTransactionListParams, "source", "type", "currency",
        "payout",
    ),
    *_resource(
        "/v1/events", events.retrieve, p.EventRetrieveParams, events.list_events,
        p.EventListParams, "type", "types",
    ),
    Call("POST", "/v1/webhook_endpoints", p.WebhookEndpointCreateParams, ENDPOINT,
         endpoints.create),
    *_resource(
        "/v1/webhook_endpoints", endpoints.retrieve, p.WebhookEndpointRetrieveParams,
        endpoints.list_endpoints, p.WebhookEndpointListParams,
    ),
    Call("POST", "/v1/webhook_endpoints/<id>", p.WebhookEndpointUpdateParams, ENDPOINT,
         endpoints.update),
    Call("DELETE", "/v1/webhook_endpoints/<id>", p.WebhookEndpointDeleteParams, SHOW,
         endpoints.delete),
]  # fmt: skip
MAP = Map([Rule(call.path, methods=[call.method], endpoint=call) for call in CALLS])
