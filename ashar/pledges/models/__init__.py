"""The rows of pledges, one noun a file."""

from ashar.pledges.models.dispute import Dispute
from ashar.pledges.models.group import Group, GroupTotal
from ashar.pledges.models.inbox import Inbox
from ashar.pledges.models.payment import Payment
from ashar.pledges.models.pledge import DonorLink, Key, Pledge
from ashar.pledges.models.refund import Refund

__all__ = [
    "Dispute",
    "DonorLink",
    "Group",
    "GroupTotal",
    "Inbox",
    "Key",
    "Payment",
    "Pledge",
    "Refund",
]
