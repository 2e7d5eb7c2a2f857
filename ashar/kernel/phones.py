"""Phone numbers as people write them: several spellings of a number are one."""

import phonenumbers

from ashar.kernel.forms import looks_like_email


def read_phone(text: str, country: str) -> str | None:
    """Return a number in the international form, `+996700123456`; None for what is none.

    One without a country's code is of `country`.
    """
    try:
        found = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    if found.extension or not phonenumbers.is_valid_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def read_contact(text: str, country: str) -> tuple[str | None, str | None] | None:
    """Return what somebody left, as (e-mail, phone), of which one is None; None for neither."""
    plain = text.strip()
    if "@" in plain:
        return (plain, None) if looks_like_email(plain) else None
    phone = read_phone(plain, country)
    return (None, phone) if phone else None
