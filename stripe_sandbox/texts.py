"""What the hosted page says, in the languages the project sends; others read English."""

from __future__ import annotations

EN = {
    "sandbox": "Sandbox – no real money",
    "title": "Pay",
    "method": "Way of paying",
    "card": "Card",
    "pay": "Pay",
    "decline": "Decline card",
    "pay_later": "Pay – debit pending",
    "cancel": "Cancel and go back",
    "expire": "Let it expire",
    "complete": "This payment has been made.",
    "expired": "This page has expired. Nothing was paid.",
    "gone": "There is no such payment.",
    "waiting": "The debit is on its way. What does the bank do?",
    "debit_ok": "Debit succeeds",
    "debit_fail": "Debit fails",
    "monthly": "Each month, until you stop it",
    "invoice": "Invoice",
    "new_card": "Pay with another card",
    "declined": "Your card was declined. Nothing was paid; you can try again.",
}
DE = {
    "sandbox": "Testumgebung – kein echtes Geld",
    "title": "Bezahlen",
    "method": "Zahlungsart",
    "card": "Karte",
    "pay": "Bezahlen",
    "decline": "Karte ablehnen",
    "pay_later": "Bezahlen – Lastschrift unterwegs",
    "cancel": "Abbrechen und zurück",
    "expire": "Verfallen lassen",
    "complete": "Diese Zahlung ist erledigt.",
    "expired": "Diese Seite ist abgelaufen. Es wurde nichts bezahlt.",
    "gone": "Diese Zahlung gibt es nicht.",
    "waiting": "Die Lastschrift ist unterwegs. Was tut die Bank?",
    "debit_ok": "Lastschrift gelingt",
    "debit_fail": "Lastschrift scheitert",
    "monthly": "Jeden Monat, bis Sie es beenden",
    "invoice": "Rechnung",
    "new_card": "Mit anderer Karte bezahlen",
    "declined": "Karte abgelehnt. Es wurde nichts bezahlt; ein neuer Versuch ist möglich.",
}
RU = {
    "sandbox": "Тестовая среда – деньги не настоящие",
    "title": "Оплата",
    "method": "Способ оплаты",
    "card": "Банковская карта",
    "pay": "Оплатить",
    "decline": "Отклонить карту",
    "pay_later": "Оплатить – списание в пути",
    "cancel": "Отменить и вернуться",
    "expire": "Дать сроку истечь",
    "complete": "Этот платёж завершён.",
    "expired": "Срок этой страницы истёк. Ничего не оплачено.",
    "gone": "Такого платежа нет.",
    "waiting": "Списание в пути. Что сделает банк?",
    "debit_ok": "Списание прошло",
    "debit_fail": "Списание не прошло",
    "monthly": "Каждый месяц, пока вы не остановите",
    "invoice": "Счёт",
    "new_card": "Оплатить другой картой",
    "declined": "Карта отклонена. Ничего не оплачено; можно попробовать ещё раз.",
}
LANGUAGES = {"en": EN, "de": DE, "ru": RU}


def language(locale: str | None) -> str:
    """Return the language of the page for a session's locale."""
    code = (locale or "en").partition("-")[0]
    return code if code in LANGUAGES else "en"
