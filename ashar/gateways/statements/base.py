"""What every format of a bank statement is read into."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ashar.kernel.errors import AsharError
from ashar.kernel.i18n import N_

#: Letters kept of a text that a bank passes on; the raw file has it whole.
LONGEST = 1_000


class Unreadable(AsharError):
    """A file is no statement that can be taken in; `words` is a msgid, `row` where it went wrong.

    `row` counts the file's lines from 1, None where the file as a whole is meant.
    """

    def __init__(self, words: str, row: int | None = None, **values: str) -> None:
        super().__init__(f"{words} {values or ''} (row {row})")
        self.words = words
        self.row = row
        self.values = values


@dataclass(frozen=True, slots=True)
class Begin:
    """The head of one statement of an account.

    `account` is its IBAN or number without spaces, empty where the file says none; `number` the
    bank's own id of the statement, `sequence` its running number where the bank counts them.
    `since` and `until` are the first and last day it covers, where it says so. `opening` is a
    balance in signed minor units; None where the format tells none. `made_at` has no zone where
    the bank tells none. `posts` is False for a notification that only details lines of a statement
    (camt.054).
    """

    account: str
    currency: str
    number: str = ""
    sequence: str = ""
    since: date | None = None
    until: date | None = None
    opening: int | None = None
    made_at: datetime | None = None
    posts: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """One movement, or one of the movements that a bank has booked as a sum.

    `minor` is signed, in minor units of the account: positive came in. `row` is where it stands in
    the file. `bank_reference` is the bank's own, which names the movement for ever; of a part of
    a collective line it is that part's own, or else empty. `batch` is the reference of the
    collective line that it is a part of, and `size` of how many parts that has said to be: a line
    with `size` > 1 is itself the collective one, whose parts the file does not tell (a camt.054
    will). `reference` is the structured one of the payee (RF or QRR) as it came, `end_to_end` the
    payer's. `charges` are what a bank on the way kept, in minor units of `charges_currency`, never
    negative; `instructed` is the sum that the payer sent, in `instructed_currency`, where that is
    told. `reason` is the code with which a transfer was returned (such as AC04); `kind` the bank's
    code of what it is (`PMNT/RCDT/ESCT`, `NTRF`). `returned` says that it is given back, or that
    an earlier booking is undone.
    """

    row: int
    booked: date
    minor: int
    currency: str
    valued: date | None = None
    bank_reference: str = ""
    batch: str = ""
    size: int = 1
    reference: str = ""
    end_to_end: str = ""
    name: str = ""
    iban: str = ""
    bic: str = ""
    text: str = ""
    kind: str = ""
    reason: str = ""
    returned: bool = False
    charges: int = 0
    charges_currency: str = ""
    instructed: int | None = None
    instructed_currency: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a statement: its closing balance in signed minor units, where it tells one.

    `opening` is the opening balance where it shows at the end only, as in a list that has the
    newest line first; it stands for what the head could not tell.
    """

    closing: int | None
    row: int
    opening: int | None = None


Part = Begin | Line | End
Format = Literal["camt", "mt940", "csv"]

WRONG_SUM = N_("The lines of this statement do not lead from its opening to its closing balance.")
NO_END = N_("This file stops in the middle of a statement.")
NO_STATEMENT = N_("There is no statement in this file.")


def checked(parts: Iterator[Part]) -> Iterator[Part]:
    """Pass on what a reader found; raise Unreadable where its sums do not hold, or where it stops.

    A caller must not keep anything before the end has come.
    """
    head: Begin | None = None
    total, seen = 0, False
    for part in parts:
        if isinstance(part, Begin):
            head, total, seen = part, 0, True
        elif isinstance(part, Line):
            total += part.minor
        else:
            _balance(head, total, part)
            head = None
        yield part
    if head is not None:
        raise Unreadable(NO_END)
    if not seen:
        raise Unreadable(NO_STATEMENT)


def _balance(head: Begin | None, total: int, end: End) -> None:
    if head is None or end.closing is None or not head.posts:
        return
    opening = end.opening if head.opening is None else head.opening
    if opening is not None and opening + total != end.closing:
        raise Unreadable(WRONG_SUM, end.row)
