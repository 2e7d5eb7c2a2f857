"""The rows of pledges, one noun a file."""

from ashar.pledges.models.dispute import Dispute
from ashar.pledges.models.inbox import Inbox
from ashar.pledges.models.payment import Payment
from ashar.pledges.models.pledge import Key, Pledge
from ashar.pledges.models.refund import Refund, RefundFile
from ashar.pledges.models.warning import FraudWarning

__all__ = [
    "Dispute",
    "FraudWarning",
    "Inbox",
    "Key",
    "Payment",
    "Pledge",
    "Refund",
    "RefundFile",
]
