"""Stripe's currencies: which exist, how many decimals they have for Stripe, what is too little."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from .errors import ApiError

SUPPORTED = frozenset(
    """aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn
    bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf
    gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr
    lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen
    pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd
    top try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw""".split()
)
ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
# Sent with two decimals that must be zero.
WHOLE_ONLY = frozenset("isk ugx".split())
MINIMUM = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200,
    "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
MAXIMUM = 99_999_999


def exponent(currency: str) -> int:
    """Return the number of decimals Stripe gives a currency (not always ISO's)."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def major(amount: int, currency: str) -> Decimal:
    """Turn minor units into a decimal amount."""
    return Decimal(amount).scaleb(-exponent(currency))


def minor(amount: Decimal, currency: str) -> int:
    """Turn a decimal amount into minor units, half away from zero."""
    return int(amount.scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP))


def check_currency(currency: str, param: str) -> str:
    """Return the lower-case code of a currency, or refuse it."""
    code = currency.lower()
    if code not in SUPPORTED:
        raise ApiError(f"Invalid currency: {code}. Stripe does not support it.", param=param)
    return code


def check_amount(amount: int, currency: str, minimum: int, param: str) -> None:
    """Refuse an amount that is too small, too large or finer than the currency allows."""
    code = currency.upper()
    if amount < minimum:
        least = f"{major(minimum, currency)} {code}"
        message = f"The Checkout Session's total amount due must add up to at least {least}"
        raise ApiError(message, code="amount_too_small", param=param)
    if amount > MAXIMUM:
        message = f"The total amount due may be no more than {major(MAXIMUM, currency)} {code}"
        raise ApiError(message, code="amount_too_large", param=param)
    step = 100 if currency in WHOLE_ONLY else 10 if currency in THREE_DECIMAL else 1
    if amount % step:
        message = f"Invalid amount: in {code} it must be divisible by {step}"
        raise ApiError(message, code="parameter_invalid_integer", param=param)
