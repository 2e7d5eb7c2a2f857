"""The rows of pledges, one noun a file."""

from ashar.pledges.models.dispute import Dispute
from ashar.pledges.models.inbox import Inbox
from ashar.pledges.models.payment import Payment
from ashar.pledges.models.pledge import Key, Pledge
from ashar.pledges.models.receipt import Receipt, Round, Series
from ashar.pledges.models.refund import Refund

__all__ = ["Dispute", "Inbox", "Key", "Payment", "Pledge", "Receipt", "Refund", "Round", "Series"]
