"""A Stripe-compatible local server for the demo and the tests; it imports nothing of ashar."""

from .errors import ApiError
from .faults import Fault, Faults
from .sandbox import Sandbox
from .server import PortTaken

__all__ = ["ApiError", "Fault", "Faults", "PortTaken", "Sandbox"]
