"""What heads a camt statement: account, period, balances, and which page of it this is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ashar.gateways.statements import camt_values as values
from ashar.gateways.statements.base import Begin, Unreadable
from ashar.gateways.statements.camt_shape import Found
from ashar.gateways.statements.texts import cleaned, shown
from ashar.kernel.i18n import N_
from ashar.kernel.money import EXPONENTS

NO_CURRENCY = N_("This statement does not tell its currency.")
TWO_CURRENCIES = N_("A balance is in “%(currency)s”, but the account is in %(account)s.")


@dataclass(frozen=True, slots=True)
class Head:
    """A statement's beginning, and the closing balance, which stands there too.

    `row` is where the closing balance stands, 0 if there is none. `page` counts from 1, 0 where
    the statement is not told in pages; another one follows unless it is the `last`.
    """

    begin: Begin
    closing: int | None
    row: int
    page: int
    last: bool

    def continues(self, before: "Head") -> bool:
        """Tell whether this is the next page of a statement of which another page came before."""
        same = (self.begin.account, self.begin.currency) == (
            before.begin.account,
            before.begin.currency,
        )
        return same and not before.last and self.page == before.page + 1


def head(found: Found, message: Found, currency: str, posts: bool) -> Head:
    """Return the head of a statement; its `currency` is that of its first entry, if it has one.

    Raises Unreadable. All that a statement tells of itself it may tell late or not at all, but not
    wrongly.
    """
    row = found.row
    balances = found.each.get("balances", ()) if posts else ()
    told = (one.get("amount.Ccy", "") for one in balances)
    currency = next(filter(None, (found.get("currency", "").strip(), *told, currency)), "")
    if not currency:
        raise Unreadable(NO_CURRENCY, row)
    if currency not in EXPONENTS:
        raise Unreadable(values.UNKNOWN_CURRENCY, row, currency=shown(currency))
    opening, closing = _balances(balances)
    begin = Begin(
        account=values.number(found.get("account", "")),
        currency=currency,
        number=cleaned(found.get("number", "")),
        sequence=cleaned(found.get("sequence", "")),
        since=_day(found, "since"),
        until=_day(found, "until"),
        opening=_balance(opening, currency),
        made_at=values.moment(found.get("made") or message.get("made", "")),
        posts=posts,
    )
    page = values.count(found["page"], "PgNb", row) if "page" in found else 0
    last = values.flag(found.get("last", "true"), "LastPgInd", row)
    return Head(begin, _balance(closing, currency), closing.row if closing else 0, page, last)


def _day(found: Found, name: str) -> date | None:
    return values.day(found[name], found.row) if name in found else None


def _balances(told: Sequence[Found]) -> tuple[Found | None, Found | None]:
    """Return the balances from which and to which the lines lead.

    A page that is not the first opens with an interim balance, one that is not the last closes
    with one. A single interim balance without any other says neither.
    """
    first: dict[str, Found] = {}
    for one in told:
        first.setdefault(one.get("code", "").strip(), one)
    interim = [one for one in told if one.get("code", "").strip() == "ITBD"]
    opening = first.get("OPBD") or first.get("PRCD")
    closing = first.get("CLBD")
    if opening is None and interim and (closing is not None or len(interim) > 1):
        opening = interim[0]
    if closing is None and interim and opening is not None and interim[-1] is not opening:
        closing = interim[-1]
    return opening, closing


def _balance(found: Found | None, currency: str) -> int | None:
    """Return a balance in signed minor units."""
    if found is None:
        return None
    if "amount" not in found:
        raise Unreadable(values.MISSING, found.row, element="Amt")
    if (other := found["amount.Ccy"]) != currency:
        told = shown(other)
        raise Unreadable(TWO_CURRENCIES, found.row, currency=told, account=currency)
    minor = values.amount(found["amount"], currency, found.row)
    return values.sign(found.get("sign", ""), found.row) * minor
