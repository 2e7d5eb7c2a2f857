"""Phone numbers as people write them: several spellings of a number are one."""

import phonenumbers


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
