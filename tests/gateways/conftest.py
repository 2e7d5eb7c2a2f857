"""What the gateways' tests share with the journeys: a browser, to see codes as a phone does."""

from tests.journeys.conftest import browser

__all__ = ["browser"]
