"""The rows of pledges, one noun a file."""

from ashar.pledges.models.cash import Collector, HandIn, Slip, SlipBook
from ashar.pledges.models.dispute import Dispute
from ashar.pledges.models.inbox import Inbox
from ashar.pledges.models.partner import Agreement, AgreementProject, Partner, Remittance
from ashar.pledges.models.payment import Payment
from ashar.pledges.models.pledge import Key, Pledge
from ashar.pledges.models.refund import Refund

__all__ = [
    "Agreement",
    "AgreementProject",
    "Collector",
    "Dispute",
    "HandIn",
    "Inbox",
    "Key",
    "Partner",
    "Payment",
    "Pledge",
    "Refund",
    "Remittance",
    "Slip",
    "SlipBook",
]
