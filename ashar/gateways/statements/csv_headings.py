"""Headings that banks give their columns, in the languages in which we have seen them."""

#: For each field of a mapping the headings that tell it, folded, without units and notes.
HEADINGS: dict[str, tuple[str, ...]] = {
    "booked": (
        *("buchungstag", "buchungsdatum", "buchung", "datum", "abschlussdatum"),
        *("date", "date de comptabilisation", "date opération", "date d'opération"),
        *("date de l'opération", "date comptable", "date operation"),
        *("boekdatum", "boekingsdatum", "transactiedatum"),
        *("booking date", "transaction date", "completed date", "posting date", "date completed"),
        *("дата", "дата операции", "дата проводки", "дата документа", "дата транзакции"),
        *("күнү", "датасы", "операция күнү", "операциянын күнү", "төлөм күнү"),
    ),
    "valued": (
        *("valuta", "valutadatum", "wertstellung", "wert", "date de valeur", "date valeur"),
        *("rentedatum", "value date", "дата валютирования", "валюталоо күнү"),
    ),
    "amount": (
        *("betrag", "umsatz", "montant", "bedrag", "amount", "transaction amount"),
        *("сумма", "сумма операции", "сумма в валюте счета", "суммасы", "сумма транзакции"),
        *("операциянын суммасы", "төлөм суммасы"),
    ),
    "debit": (
        *("soll", "belastung", "lastschrift", "débit", "debit", "withdrawal", "paid out"),
        *("money out", "дебет", "расход", "списание", "обороты дт", "чыгаша", "чыгым"),
    ),
    "credit": (
        *("haben", "gutschrift", "crédit", "credit", "deposit", "paid in", "money in"),
        *("кредит", "приход", "поступление", "зачисление", "обороты кт", "киреше", "кирим"),
    ),
    "direction": (
        *("soll/haben", "s/h", "soll-/haben-kennzeichen", "sens", "af bij", "af/bij", "bij/af"),
        *("debet/credit", "debit/credit", "d/c", "дт/кт", "д/к", "дебет/кредит", "direction"),
    ),
    "currency_column": (
        *("währung", "waehrung", "devise", "munt", "currency", "валюта", "валюта счета"),
    ),
    "name": (
        *("name zahlungsbeteiligter", "beguenstigter/zahlungspflichtiger", "zahlungspflichtige"),
        *("auftraggeber / begünstigter", "auftraggeber/begünstigter", "auftraggeber/empfänger"),
        *("zahlungspflichtige*r", "auftraggeber", "name", "nom", "contrepartie", "tiers"),
        *("naam / omschrijving", "naam tegenpartij", "tegenpartij", "payer name", "counterparty"),
        *("counterparty name", "payer", "sender", "плательщик", "контрагент", "отправитель"),
        *("наименование контрагента", "наименование плательщика", "корреспондент"),
        *("төлөөчү", "жөнөтүүчү", "контрагенттин аталышы"),
    ),
    "name_out": (
        *("zahlungsempfänger", "zahlungsempfänger*in", "empfänger", "bénéficiaire", "payee name"),
        *("payee", "recipient", "получатель", "наименование получателя", "алуучу"),
    ),
    "iban": (
        *("iban", "kontonummer/iban", "iban zahlungsbeteiligter", "tegenrekening"),
        *("tegenrekening iban/bban", "counterparty iban", "counterparty account", "payer iban"),
        *("счет контрагента", "счет плательщика", "счёт плательщика", "төлөөчүнүн эсеби"),
    ),
    "iban_out": ("payee iban", "счет получателя", "счёт получателя", "алуучунун эсеби"),
    "bic": ("bic tegenpartij", "bic zahlungsbeteiligter", "bic (swift-code)", "bic/swift", "bic"),
    "end_to_end": (
        *("kundenreferenz (end-to-end)", "kundenreferenz", "end-to-end-id", "end to end id"),
        *("end-to-end id", "transactiereferentie"),
    ),
    "reference": ("referenznummer", "betalingskenmerk", "référence structurée", "qr-referenz"),
    "bank_reference": (
        *("transaktions-nr.", "zkb-referenz", "referenz", "référence", "volgnr"),
        *("transaction id", "transferwise id", "id", "номер документа", "№ документа"),
        *("документ №", "номер операции", "референс", "документтин номери", "№"),
    ),
    "text": (
        *("verwendungszweck", "buchungstext", "beschreibung", "beschreibung1", "beschreibung2"),
        *("beschreibung3", "avisierungstext", "libellé", "libelle", "motif", "communication"),
        *("omschrijving", "omschrijving-1", "omschrijving-2", "omschrijving-3", "mededelingen"),
        *("description", "details", "payment reference", "reference", "narrative"),
        *("назначение платежа", "назначение", "описание", "содержание", "примечание"),
        *("төлөмдүн максаты", "максаты", "мүнөздөмө", "төлөм багыты"),
    ),
    "charges": ("fee", "gebühr", "frais", "комиссия", "комиссиясы"),
    "balance": (
        *("saldo", "saldo nach buchung", "saldo na mutatie", "saldo na trn", "solde", "balance"),
        *("running balance", "остаток", "баланс", "остаток на счете", "калдык", "калдыгы"),
    ),
    "state": ("state", "status", "статус", "абалы"),
}
#: Signs for money that came in and that went out, in pairs.
WAYS = (
    (("bij",), ("af",)),
    (("h", "haben"), ("s", "soll")),
    (("c", "cr", "credit", "crédit"), ("d", "db", "dr", "debit", "debet", "débit")),
    (("kt", "кт", "к", "кредит"), ("dt", "дт", "д", "дебет")),
    (("+",), ("-",)),
    (("in", "приход", "кирим"), ("out", "расход", "чыгым")),
)
DONE = ("gebucht", "completed", "booked", "исполнен", "проведен", "проведён", "аткарылды")
UNDONE = ("vorgemerkt", "pending", "reverted", "declined", "в обработке", "отклонен", "күтүүдө")
#: How rows below a table begin.
STOPS = ("Disclaimer", "Total", "Итого", "Бардыгы", "Исходящий остаток", "Umsatztotal", "Saldo per")
