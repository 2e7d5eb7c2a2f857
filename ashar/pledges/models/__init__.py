"""The rows of pledges, one noun a file."""

from ashar.pledges.models.campaign import Campaign, Disposition
from ashar.pledges.models.cash import Collector, HandIn, Slip, SlipBook
from ashar.pledges.models.dispute import Dispute
from ashar.pledges.models.group import Group, GroupTotal
from ashar.pledges.models.inbox import Inbox
from ashar.pledges.models.offer import Offer
from ashar.pledges.models.partner import Agreement, AgreementProject, Partner, Remittance
from ashar.pledges.models.payment import Payment
from ashar.pledges.models.pledge import DonorLink, Key, Pledge
from ashar.pledges.models.pool import Match, Pool, PoolPayment, PoolScope
from ashar.pledges.models.receipt import Receipt, Round, Series
from ashar.pledges.models.refund import Refund, RefundFile
from ashar.pledges.models.subscription import Subscription
from ashar.pledges.models.warning import FraudWarning

__all__ = [
    "Agreement",
    "AgreementProject",
    "Campaign",
    "Collector",
    "Disposition",
    "Dispute",
    "DonorLink",
    "FraudWarning",
    "Group",
    "GroupTotal",
    "HandIn",
    "Inbox",
    "Key",
    "Match",
    "Offer",
    "Partner",
    "Payment",
    "Pledge",
    "Pool",
    "PoolPayment",
    "PoolScope",
    "Receipt",
    "Refund",
    "RefundFile",
    "Remittance",
    "Round",
    "Series",
    "Slip",
    "SlipBook",
    "Subscription",
]
