"""The rows of pledges, one noun a file."""

from ashar.pledges.models.campaign import Campaign, Disposition
from ashar.pledges.models.dispute import Dispute
from ashar.pledges.models.inbox import Inbox
from ashar.pledges.models.payment import Payment
from ashar.pledges.models.pledge import Key, Pledge
from ashar.pledges.models.refund import Refund

__all__ = [
    "Campaign",
    "Dispute",
    "Disposition",
    "Inbox",
    "Key",
    "Payment",
    "Pledge",
    "Refund",
]
