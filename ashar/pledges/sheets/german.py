"""The German confirmation of a gift of money, by the mandatory wording, on one A4 page.

BMF-Schreiben of 7 November 2013 (IV C 4 - S 2223/07/0018 :005), Anlage 3. The wording is official
and stands here in German, whatever language is spoken; its translation is a second sheet.
"""

from ashar.kernel import i18n
from ashar.kernel.i18n import N_, t
from ashar.pledges.issuer import Tax
from ashar.pledges.sheets import words
from ashar.pledges.sheets.facts import Facts
from ashar.pledges.sheets.paper import LEFT, WIDE, Paper

TITLE = "Bestätigung über Geldzuwendungen/Mitgliedsbeitrag"
SENSE = (
    "im Sinne des § 10b des Einkommensteuergesetzes an eine der in § 5 Abs. 1 Nr. 9 des "
    "Körperschaftsteuergesetzes bezeichneten Körperschaften, Personenvereinigungen oder "
    "Vermögensmassen"
)
WAIVER = "Es handelt sich um den Verzicht auf Erstattung von Aufwendungen"
EXEMPT = (
    "Wir sind wegen Förderung {purposes} nach dem Freistellungsbescheid bzw. nach der Anlage zum "
    "Körperschaftsteuerbescheid des Finanzamtes {office}, StNr. {number}, vom {day} für den "
    "letzten Veranlagungszeitraum {assessed} nach § 5 Abs. 1 Nr. 9 des Körperschaftsteuergesetzes "
    "von der Körperschaftsteuer und nach § 3 Nr. 6 des Gewerbesteuergesetzes von der "
    "Gewerbesteuer befreit."
)
PROVISIONAL = (
    "Die Einhaltung der satzungsmäßigen Voraussetzungen nach den §§ 51, 59, 60 und 61 AO wurde "
    "vom Finanzamt {office}, StNr. {number}, mit Bescheid vom {day} nach § 60a AO gesondert "
    "festgestellt. Wir fördern nach unserer Satzung {purposes}."
)
USED = "Es wird bestätigt, dass die Zuwendung nur zur Förderung {purposes} verwendet wird."
ONLY_FOR = (
    "Nur für steuerbegünstigte Einrichtungen, bei denen die Mitgliedsbeiträge steuerlich nicht "
    "abziehbar sind:"
)
NO_FEE = (
    "Es wird bestätigt, dass es sich nicht um einen Mitgliedsbeitrag handelt, dessen Abzug nach "
    "§ 10b Abs. 1 des Einkommensteuergesetzes ausgeschlossen ist."
)
SIGNED = "(Ort, Datum und Unterschrift des Zuwendungsempfängers)"
#: R 10b.1 (4) EStR spares the signature where the tax office was told of it.
MACHINE = (
    "Diese Bestätigung wurde maschinell erstellt und ist ohne eigenhändige Unterschrift gültig "
    "(R 10b.1 Abs. 4 EStR)."
)
LIABLE = (
    "Wer vorsätzlich oder grob fahrlässig eine unrichtige Zuwendungsbestätigung erstellt oder "
    "veranlasst, dass Zuwendungen nicht zu den in der Zuwendungsbestätigung angegebenen "
    "steuerbegünstigten Zwecken verwendet werden, haftet für die entgangene Steuer (§ 10b Abs. 4 "
    "EStG, § 9 Abs. 3 KStG, § 9 Nr. 5 GewStG)."
)
VALID = (
    "Diese Bestätigung wird nicht als Nachweis für die steuerliche Berücksichtigung der Zuwendung "
    "anerkannt, wenn das Datum des Freistellungsbescheides länger als 5 Jahre bzw. das Datum der "
    "Feststellung der Einhaltung der satzungsmäßigen Voraussetzungen nach § 60a Abs. 1 AO länger "
    "als 3 Jahre seit Ausstellung des Bescheides zurückliegt (§ 63 Abs. 5 AO)."
)


def official(paper: Paper, facts: Facts) -> None:
    """Write the official sheet; German is spoken."""
    issuer, [gift] = facts.issuer, facts.gifts
    tax = facts.tax or Tax()
    paper.y = 14
    from_ = f"{issuer.name}, {issuer.street}, {issuer.postcode} {issuer.city}"
    paper.framed("Aussteller (Bezeichnung und Anschrift der steuerbegünstigten Einrichtung)",
                 from_, 13, LEFT, WIDE)  # fmt: skip
    paper.y += 16
    paper.text(TITLE, size=14, style="B")
    paper.text(SENSE, size=9)
    paper.text(f"Nr. {facts.number}", size=9)
    paper.space(2.5)
    paper.framed("Name und Anschrift des Zuwendenden:", "\n".join(facts.donor.lines),
                 27, LEFT, WIDE)  # fmt: skip
    paper.y += 29.5
    figures, day = i18n.money(gift.money), i18n.day(gift.day, "medium")
    paper.framed("Betrag der Zuwendung - in Ziffern -", figures, 14, LEFT, 54)
    paper.framed("- in Buchstaben -", words.spell(gift.money, "de"), 14, LEFT + 54, 78)
    paper.framed("Tag der Zuwendung:", day, 14, LEFT + 132, 34)
    paper.y += 17
    paper.text(WAIVER, size=9)
    paper.box("Ja", checked=False)
    paper.box("Nein", checked=True)
    paper.space(1)
    said = {
        "purposes": tax.purposes,
        "office": tax.office,
        "number": tax.number,
        "day": i18n.day(tax.notice_day, "medium"),
        "assessed": tax.assessed,
    }
    for sentence, kind in ((EXEMPT, "exempt"), (PROVISIONAL, "provisional")):
        checked = tax.notice == kind
        blank = dict.fromkeys(said, "…………")
        paper.box(sentence.format(**(said if checked else blank)), checked)
    paper.space(1)
    paper.text(USED.format(**said), size=10, style="B")
    paper.space(1.5)
    paper.text(ONLY_FOR, size=9)
    paper.box(NO_FEE, checked=True)
    signature(paper, facts, SIGNED)
    if tax.machine:
        paper.text(MACHINE, size=9)
        paper.space(1)
    paper.text("Hinweis:", size=8, style="B")
    paper.text(LIABLE, size=8)
    paper.space(1)
    paper.text(VALID, size=8)


def signature(paper: Paper, facts: Facts, label: str) -> None:
    """Leave room for a signature over place, day and who signs."""
    issuer = facts.issuer
    paper.space(7)
    place = ", ".join(filter(None, (issuer.city, i18n.day(facts.day, "medium"))))
    paper.text("\n".join(filter(None, (issuer.signatory, place))), size=10)
    paper.rule()
    paper.y -= 1.5
    paper.text(label, size=8)
    paper.space(2.5)


def translation(paper: Paper, facts: Facts) -> None:
    """Write in the donor's language what the official sheet says."""
    [gift], tax = facts.gifts, facts.tax or Tax()
    language = i18n.language()
    paper.title(t(N_("Confirmation of a gift of money for the German tax office")), 14)
    paper.pairs(
        [
            (t(N_("Number")), facts.number),
            (t(N_("Given out by")), facts.issuer.name),
            (t(N_("Donor")), "\n".join(facts.donor.lines)),
            (t(N_("Amount")), f"{i18n.money(gift.money)}\n{words.spell(gift.money, language)}"),
            (t(N_("Day of the gift")), i18n.day(gift.day)),
            (t(N_("Purposes")), tax.purposes),
            (t(N_("Tax office")), tax.office),
            (t(N_("Tax number")), tax.number),
            (t(N_("Notice of")), i18n.day(tax.notice_day)),
        ]
    )
    paper.space(3)
    exempt = tax.notice == "exempt"
    for sentence in (
        N_("No expenses were waived: the gift is money that was paid."),
        EXEMPT_SAID if exempt else PROVISIONAL_SAID,
        N_("It is confirmed that the gift is used for these purposes only."),
        N_("The gift is no membership fee."),
        N_(
            "Whoever gives out a wrong confirmation, deliberately or by gross negligence, or has "
            "gifts used for other purposes, is liable for the tax that is lost."
        ),
        N_(
            "The confirmation is not accepted when the tax office's notice was more than 5 years "
            "old on the day it was given out, 3 years for a finding about the statutes."
        ),
    ):
        paper.text(t(sentence))
        paper.space(1.5)


EXEMPT_SAID = N_(
    "By the notice named above, the tax office has exempted the association from corporation and "
    "trade tax because it serves these purposes."
)
PROVISIONAL_SAID = N_(
    "By the notice named above, the tax office has found that the association's statutes fulfil "
    "what the law asks of those that serve such purposes."
)
