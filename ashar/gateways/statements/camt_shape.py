"""Which elements of a camt message are read, and under which names of ours.

The shapes of .02, .04 and .08 lie over each other: where one has BIC the other has BICFI, and both
are read under one name. Whatever is not named here is passed over without a look at what is in it.
"""

from dataclasses import dataclass
from typing import Any

from ashar.gateways.statements.base import LONGEST

#: An element of lxml, which has no types.
Element = Any

#: Letters of a text in many lines after which nothing is added to it.
ENOUGH = 8 * LONGEST


class Found(dict[str, str]):
    """The texts of an element and what is below it, by name; `each` has what may repeat.

    The currency of the amount `x` is the text `x.Ccy`.
    """

    __slots__ = ("each", "row")

    def __init__(self, row: int = 0) -> None:
        self.row = row
        self.each: dict[str, list[Found]] = {}


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount with its currency; the first of several counts."""

    name: str

    def take(self, element: Element, found: Found) -> None:
        """Keep it."""
        if self.name not in found:
            found[self.name] = element.text or ""
            found[f"{self.name}.Ccy"] = element.get("Ccy") or ""


@dataclass(frozen=True, slots=True)
class Inner:
    """A text, which may lie in a choice of elements one below."""

    name: str

    def take(self, element: Element, found: Found) -> None:
        """Keep it."""
        text = element[0].text if len(element) else element.text
        found.setdefault(self.name, text or "")


@dataclass(frozen=True, slots=True)
class Joined:
    """A text of several lines, each of them an element."""

    name: str

    def take(self, element: Element, found: Found) -> None:
        """Add a line to it, until it is longer than anybody will keep."""
        before, text = found.get(self.name, ""), element.text or ""
        if len(before) < ENOUGH:
            found[self.name] = f"{before} {text}" if before else text


@dataclass(frozen=True, slots=True)
class Each:
    """Something that may stand there several times."""

    name: str
    shape: "Shape"

    def take(self, element: Element, found: Found) -> None:
        """Keep one more."""
        one = Found(element.sourceline or 0)
        gather(element, self.shape, one)
        found.each.setdefault(self.name, []).append(one)


#: What ends the reading: what follows belongs to another element that comes later.
STOP = Inner("")

Shape = dict[str, "str | Shape | Amount | Inner | Joined | Each"]


def _account(name: str) -> Shape:
    return {"Id": {"IBAN": name, "Othr": {"Id": name}}}


def _party(name: str) -> Shape:
    named: Shape = {"Nm": name}
    return {"Nm": name, "Pty": named, "Agt": {"FinInstnId": named}}


def _agent(name: str) -> Shape:
    return {"FinInstnId": {"BIC": name, "BICFI": name}}


_PAGE: Shape = {"PgNb": "page", "LastPgInd": "last"}
_BALANCE: Shape = {
    "Tp": {"CdOrPrtry": {"Cd": "code"}},
    "Amt": Amount("amount"),
    "CdtDbtInd": "sign",
}
_CHARGE: Shape = {"Amt": Amount("amount"), "CdtDbtInd": "sign", "ChrgInclInd": "included"}
_KIND: Shape = {
    "Domn": {"Cd": "domain", "Fmly": {"Cd": "family", "SubFmlyCd": "subfamily"}},
    "Prtry": {"Cd": "proprietary"},
}
_AMOUNTS: Shape = {
    "InstdAmt": {"Amt": Amount("instructed")},
    "TxAmt": {"Amt": Amount("transaction")},
    "CntrValAmt": {"Amt": Amount("countervalue")},
}
_CHARGES = Each(
    "charges", _CHARGE | {"TtlChrgsAndTaxAmt": Amount("total"), "Rcrd": Each("records", _CHARGE)}
)
_BATCH: Shape = {"MsgId": "message", "PmtInfId": "payment", "NbOfTxs": "size"}

MESSAGE: Shape = {"GrpHdr": {"CreDtTm": "made"}, "Stmt": STOP, "Ntfctn": STOP}

STATEMENT: Shape = {
    "Id": "number",
    "StmtPgntn": _PAGE,
    "NtfctnPgntn": _PAGE,
    "ElctrncSeqNb": "sequence",
    "CreDtTm": "made",
    "FrToDt": {"FrDtTm": "since", "ToDtTm": "until"},
    "Acct": {**_account("account"), "Ccy": "currency"},
    "Bal": Each("balances", _BALANCE),
    "Ntry": STOP,
}

ENTRY: Shape = {
    "NtryRef": "reference",
    "Amt": Amount("amount"),
    "CdtDbtInd": "sign",
    "RvslInd": "reversal",
    "Sts": Inner("status"),
    "BookgDt": Inner("booked"),
    "ValDt": Inner("valued"),
    "AcctSvcrRef": "bank",
    "BkTxCd": _KIND,
    "AmtDtls": _AMOUNTS,
    "Chrgs": _CHARGES,
    "NtryDtls": {"Btch": Each("batches", _BATCH), "TxDtls": STOP},
    "AddtlNtryInf": "words",
}

DETAIL: Shape = {
    "Refs": {"AcctSvcrRef": "bank", "EndToEndId": "end to end"},
    "Amt": Amount("amount"),
    "CdtDbtInd": "sign",
    "AmtDtls": _AMOUNTS,
    "BkTxCd": _KIND,
    "Chrgs": _CHARGES,
    "RltdPties": {
        "Dbtr": _party("debtor"),
        "DbtrAcct": _account("debtor account"),
        "UltmtDbtr": _party("first debtor"),
        "Cdtr": _party("creditor"),
        "CdtrAcct": _account("creditor account"),
        "UltmtCdtr": _party("first creditor"),
    },
    "RltdAgts": {"DbtrAgt": _agent("debtor bank"), "CdtrAgt": _agent("creditor bank")},
    "RmtInf": {
        "Ustrd": Joined("text"),
        "Strd": {"CdtrRefInf": {"Ref": "payee reference"}, "AddtlRmtInf": Joined("more text")},
    },
    "RtrInf": Each("returns", {"Rsn": Inner("reason"), "AddtlInf": Joined("text")}),
    "AddtlTxInf": "words",
}


SHAPES = {"message": MESSAGE, "statement": STATEMENT, "entry": ENTRY, "detail": DETAIL}


def named(shape: Shape, namespace: str) -> Shape:
    """Return a shape with its elements named as lxml does."""
    made: Shape = {}
    for tag, what in shape.items():
        if isinstance(what, dict):
            what = named(what, namespace)
        elif isinstance(what, Each):
            what = Each(what.name, named(what.shape, namespace))
        made[f"{{{namespace}}}{tag}"] = what
    return made


def gather(element: Element, shape: Shape, found: Found) -> bool:
    """Keep the texts that a shape names; of several under one name the first that says anything.

    Returns whether it was stopped. Types are compared exactly since this runs for every element
    of a file.
    """
    for child in element:
        what = shape.get(child.tag)
        if what is None:
            continue
        if type(what) is str:
            if text := child.text:
                found.setdefault(what, text)
        elif type(what) is dict:
            if gather(child, what, found):
                return True
        elif what is STOP:
            return True
        else:
            what.take(child, found)  # type: ignore[union-attr]
    return False
