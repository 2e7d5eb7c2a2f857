"""Codes to scan and papers to print for a transfer: the European code, the Swiss one, its bill."""

import io
from decimal import Decimal

import segno
from fpdf import FPDF
from fpdf.svg import SVGObject
from qrbill import QRBill
from segno import helpers

from ashar.gateways.bank import Transfer, grouped
from ashar.kernel.paths import STATIC

FONTS = STATIC / "vendor" / "liberation"


def code_svg(transfer: Transfer) -> bytes | None:
    """Return the code that a banking app scans, as SVG: European in euros, Swiss in francs.

    None where no app would know it.
    """
    if transfer.sepa:
        return _epc_svg(transfer)
    return _swiss_svg(transfer) if transfer.swiss else None


def _epc_svg(transfer: Transfer) -> bytes:
    payee, out = transfer.payee, io.BytesIO()
    # The code holds 70 letters of a name, in its smallest encoding that has them all.
    code = helpers.make_epc_qr(
        payee.name[:70],
        payee.iban,
        Decimal(transfer.money.decimal),
        reference=transfer.reference,
        bic=payee.bic or None,
        encoding="utf-8",
    )
    code.save(out, kind="svg", scale=4, border=4, light="white")
    return out.getvalue()


def _swiss_svg(transfer: Transfer) -> bytes:
    """Return the Swiss code alone, with its cross, as banking apps scan it from a screen."""
    text = _bill(transfer, "en").qr_data()
    code, out = segno.make_qr(text, error="m", encoding="utf-8", boost_error=False), io.BytesIO()
    side = code.symbol_size(scale=1, border=4)[0]
    code.save(out, kind="svg", scale=1, border=4, light="white", svgns=True, omitsize=True)
    # The cross is 7 mm of the code's 46 (Swiss Implementation Guidelines QR-bill, 6.4.2).
    size = (side - 8) * 7 / 46
    at = (side - size) / 2
    unit = size / 7
    cross = (
        f'<g transform="translate({at:.3f} {at:.3f}) scale({unit:.4f})">'
        '<path fill="#fff" d="M0 0h7v7H0z"/><path d="M.4 .4h6.2v6.2H.4z"/>'
        '<path fill="#fff" d="M2.9 1.5h1.2v1.4h1.4v1.2H4.1v1.4H2.9V4.1H1.5V2.9h1.4z"/></g></svg>'
    )
    return out.getvalue().replace(b"</svg>", cross.encode())


def bill_pdf(transfer: Transfer, language: str) -> bytes:
    """Return a Swiss QR-bill as an A4 page; its words are German or English.

    Raises ValueError where `swiss` is False.
    """
    drawn = io.StringIO()
    _bill(transfer, language).as_svg(drawn, full_page=False)
    pdf = FPDF()
    pdf.set_title(f"QR-bill {grouped(transfer.bill_reference)}")
    pdf.add_page()
    for style in ("", "B"):
        # The bill names Arial; the guidelines allow Liberation Sans in its place.
        pdf.add_font("arial", style, FONTS / f"LiberationSans-{'Bold' if style else 'Regular'}.ttf")
    # 106 mm of an A4 page: the bill and the line above it to cut along.
    SVGObject(drawn.getvalue().encode()).draw_to_page(pdf, 0, 191)
    return bytes(pdf.output())


def _bill(transfer: Transfer, language: str) -> QRBill:
    if not transfer.swiss:
        raise ValueError("no account or currency of a QR-bill")
    payee = transfer.payee
    return QRBill(
        account=payee.qr_iban or payee.iban,
        creditor={
            "name": payee.name[:70],
            "street": payee.street[:70],
            "house_num": payee.house[:16],
            "pcode": payee.postcode[:16],
            "city": payee.city[:35],
            "country": payee.country,
        },
        amount=transfer.money.decimal,
        currency="CHF" if transfer.money.currency == "CHF" else "EUR",
        reference_number=transfer.bill_reference,
        additional_information=transfer.about[:140],
        language="de" if language == "de" else "en",
    )
