"""Phone numbers as people write them: several spellings of a number are one."""

import re

from flask import current_app
from flask_security import PhoneUtil

#: Numbers without a country's code are Kyrgyz.
HOME = "KG"
#: No letters, which some keypads have, and no extensions.
_WRITTEN = re.compile(r"[+0-9 ().\-/\u00a0]{5,40}")


class Numbers(PhoneUtil):
    """Reads numbers; the region of those without a country's code is a setting."""

    def get_canonical_form(self, input_data: str) -> str | None:
        """Return a number in the international form, `+996700123456`; None for what is none."""
        if not _WRITTEN.fullmatch(input_data.strip()):
            return None
        found: str | None = super().get_canonical_form(input_data)
        return found


def canonical(text: str) -> str | None:
    """Return the one spelling of a number, None for what is none."""
    found: str | None = current_app.extensions["security"].phone_util.get_canonical_form(text)
    return found
