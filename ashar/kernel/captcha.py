"""A question that people can answer and programs cannot: the host's, asked only in need."""

from collections.abc import Mapping
from typing import Protocol


class Captcha(Protocol):
    """What a host gives as `Ashar(captcha=…)`; asked while stolen cards are tried on the site."""

    #: Origins of the scripts and frames that its widget loads.
    origins: tuple[str, ...]

    def widget(self) -> str:
        """Return the HTML of the question, which stands at the end of the form."""

    def passes(self, answers: Mapping[str, str], address: str) -> bool:
        """Tell whether the form's fields hold a right answer, sent from an address."""
