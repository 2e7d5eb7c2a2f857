"""Exchange rates that change by day: the same seed and day give the same rate."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from .currencies import SUPPORTED, major, minor

# Roughly what one US dollar bought; a currency that is not listed gets a made-up value.
PER_DOLLAR = {
    "usd": "1", "chf": "0.80", "eur": "0.86", "gbp": "0.75", "kgs": "87.4", "kzt": "530",
    "try": "42", "krw": "1400", "jpy": "152", "rub": "80", "sek": "9.5", "nok": "10.1",
    "dkk": "6.4", "pln": "3.65", "czk": "21", "huf": "335", "cad": "1.4", "aud": "1.53",
    "nzd": "1.75", "cny": "7.1", "inr": "88", "uzs": "12100", "tjs": "9.3", "isk": "125",
    "kwd": "0.307", "bhd": "0.376", "ugx": "3500", "sgd": "1.3", "hkd": "7.8", "ron": "4.4",
}  # fmt: skip


class Rates:
    """Give the day's rate between two currencies."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.fixed: dict[tuple[str, str], Decimal] = {}

    def fix(self, source: str, target: str, rate: str) -> None:
        """Hold a rate from now on, whatever the day."""
        pair = (source.lower(), target.lower())
        if not SUPPORTED.issuperset(pair) or not Decimal(rate) > 0:
            raise ValueError(f"no rate {rate} from {source} to {target}")
        self.fixed[pair] = Decimal(rate)

    def rate(self, source: str, target: str, day: int) -> Decimal:
        """Return how many units of target one unit of source buys on a day."""
        if (source, target) in self.fixed:
            return self.fixed[source, target]
        value = self._value(target, day) / self._value(source, day)
        return value.quantize(Decimal(1).scaleb(value.adjusted() - 5))

    def convert(self, amount: int, source: str, target: str, day: int) -> tuple[int, Decimal]:
        """Convert minor units; return the result and the rate that was used."""
        rate = self.rate(source, target, day)
        return minor(major(amount, source) * rate, target), rate

    def _value(self, currency: str, day: int) -> Decimal:
        base = PER_DOLLAR.get(currency) or str(self._noise(currency, 0) % 9900 / 100 + 1)
        swing = self._noise(currency, day) % 3001 - 1500
        return Decimal(base) * (1 + Decimal(swing) / 100_000)

    def _noise(self, currency: str, day: int) -> int:
        text = f"{self.seed}:{currency}:{day}".encode()
        return int.from_bytes(hashlib.sha256(text).digest()[:6], "big")
