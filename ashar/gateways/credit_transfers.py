"""Orders for a bank to pay, as ISO 20022 writes them (pain.001.001.09): plain data in, bytes out.

Euros within the SEPA go out as SEPA credit transfers; all else with the charges on us, since a
refund has to arrive whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree

from slugify import slugify

from ashar.kernel.money import Money

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
#: Countries of the Single Euro Payments Area, by which IBANs begin.
SEPA = frozenset(
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT "
    "NL NO PL PT RO RS SE SI SK SM VA".split()
)
#: Letters that a bank takes of a name, of a purpose, and of the name by which it knows an order.
NAME, PURPOSE, ID = 70, 140, 35


@dataclass(frozen=True, slots=True)
class Payer:
    """The account that pays."""

    name: str
    iban: str
    bic: str = ""


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """One payment: to whom, how much, what stands on it; the bank answers by its `id`."""

    id: str
    holder: str
    iban: str
    money: Money
    purpose: str

    @property
    def sepa(self) -> bool:
        """Tell whether it is a SEPA credit transfer."""
        return self.money.currency == "EUR" and self.iban[:2] in SEPA


def plain(text: str, longest: int) -> str:
    """Return a text in the letters that every bank takes: Cyrillic ones in Latin."""
    return slugify(text, separator=" ", lowercase=False, replacements=[("’", ""), ("'", "")])[
        :longest
    ].strip()


def pain_001(
    message: str, payer: Payer, transfers: Sequence[CreditTransfer], *, made: datetime, on: date
) -> bytes:
    """Write an order to pay some transfers from one account on a day."""
    ElementTree.register_namespace("", NAMESPACE)
    document = ElementTree.Element(_name("Document"))
    order = _add(document, "CstmrCdtTrfInitn")
    head = _add(order, "GrpHdr")
    _add(head, "MsgId", message)
    _add(head, "CreDtTm", made.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _count(head, transfers)
    _add(_add(head, "InitgPty"), "Nm", plain(payer.name, NAME))
    batch = _add(order, "PmtInf")
    _add(batch, "PmtInfId", message)
    _add(batch, "PmtMtd", "TRF")
    # Each debit stands alone on the statement, and is matched alone.
    _add(batch, "BtchBookg", "false")
    _count(batch, transfers)
    _add(_add(batch, "ReqdExctnDt"), "Dt", on.isoformat())
    _party(batch, "Dbtr", payer.name, payer.iban)
    _agent(_add(batch, "DbtrAgt"), payer.bic)
    for transfer in transfers:
        _transfer(_add(batch, "CdtTrfTxInf"), transfer)
    ElementTree.indent(document)
    return ElementTree.tostring(document, "UTF-8", xml_declaration=True)


def _transfer(line: ElementTree.Element, transfer: CreditTransfer) -> None:
    names = _add(line, "PmtId")
    _add(names, "InstrId", transfer.id)
    _add(names, "EndToEndId", transfer.id)
    if transfer.sepa:
        _add(_add(_add(line, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    amount = _add(_add(line, "Amt"), "InstdAmt", transfer.money.decimal)
    amount.set("Ccy", transfer.money.currency)
    _add(line, "ChrgBr", "SLEV" if transfer.sepa else "DEBT")
    _party(line, "Cdtr", transfer.holder, transfer.iban)
    _add(_add(line, "RmtInf"), "Ustrd", plain(transfer.purpose, PURPOSE))


def _party(parent: ElementTree.Element, kind: str, name: str, iban: str) -> None:
    _add(_add(parent, kind), "Nm", plain(name, NAME))
    _add(_add(_add(parent, f"{kind}Acct"), "Id"), "IBAN", iban)


def _agent(parent: ElementTree.Element, bic: str) -> None:
    found = _add(parent, "FinInstnId")
    if bic:
        _add(found, "BICFI", bic)
    else:
        _add(_add(found, "Othr"), "Id", "NOTPROVIDED")


def _count(parent: ElementTree.Element, transfers: Sequence[CreditTransfer]) -> None:
    """Say how many they are and their sum."""
    first, *rest = [one.money for one in transfers]
    _add(parent, "NbOfTxs", str(len(transfers)))
    _add(parent, "CtrlSum", sum(rest, first).decimal)


def _add(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, _name(name))
    made.text = text
    return made


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
