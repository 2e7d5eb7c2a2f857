"""All that answers, gathered: what a start leaves for later is loaded together.

So nobody meets half of the tables, or a queue that lacks some of its jobs.
"""

from ashar.admin import account_views, collector_views, list_views, partner_views
from ashar.admin import pool_views as pools
from ashar.admin import recovery_views as recovery
from ashar.admin import views as admin
from ashar.collect import views as collecting
from ashar.kernel import outbox, retained
from ashar.lead import committee_views, drafts, helping, life, supporters
from ashar.lead import offer_views as offer_desk
from ashar.lead import views as lead
from ashar.mail import privacy as letters_to
from ashar.mail import tasks as mail
from ashar.mail import views as letters
from ashar.moderation import holds, reviews
from ashar.moderation import project_views as moderated_projects
from ashar.moderation import tasks as moderation
from ashar.moderation import views as cases
from ashar.pages import apply, feeds, group, me, operations, project
from ashar.pages import views as pages
from ashar.partner import views as partner
from ashar.people import tasks as people
from ashar.pledges import (
    attached,
    by_hand,
    campaigns,
    change_views,
    donors,
    late_views,
    locking,
    monthly_views,
    offer_views,
    overdue,
    receipt_tasks,
    receipt_views,
    renewals,
    tasks,
    transfers,
    webhooks,
)
from ashar.pledges import refund_views as owed
from ashar.pledges import views as pledges
from ashar.progress import messages
from ashar.progress import privacy as said
from ashar.progress.views import comments, desk, reports, updates
from ashar.projects import privacy as helping_with
from ashar.projects import tasks as closing
from ashar.projects import views as projects
from ashar.treasury import account_views as bank_accounts
from ashar.treasury import campaign_views, cash_views, rate_views, remittance_views
from ashar.treasury import dispute_views as disputes
from ashar.treasury import late_views as parked_money
from ashar.treasury import payment_views as payments
from ashar.treasury import pool_views as paying_in
from ashar.treasury import receipt_views as receipts
from ashar.treasury import refund_views as refund_desk
from ashar.treasury import transfer_views as bank_transfers
from ashar.treasury import views as treasury

__all__ = [
    "VIEWS",
    "attached",
    "campaigns",
    "closing",
    "donors",
    "helping_with",
    "holds",
    "letters_to",
    "locking",
    "mail",
    "messages",
    "moderation",
    "outbox",
    "overdue",
    "people",
    "receipt_tasks",
    "renewals",
    "retained",
    "reviews",
    "said",
    "tasks",
    "transfers",
]

#: The modules whose functions answer, by name.
VIEWS = {
    module.__name__: module
    for module in (
        *(pages, feeds, project, apply, operations, projects, letters, webhooks),
        *(pledges, receipt_views, monthly_views, change_views, me, group),
        *(updates, desk, comments, reports),
        *(lead, drafts, helping, life, supporters),
        *(offer_views, offer_desk, committee_views),
        *(cases, moderated_projects),
        *(admin, recovery, list_views, account_views),
        *(treasury, bank_transfers, bank_accounts, pools, paying_in, receipts),
        *(late_views, campaign_views, rate_views, parked_money),
        *(payments, refund_desk, disputes, owed),
        *(by_hand, collecting, partner, cash_views, remittance_views),
        *(collector_views, partner_views),
    )
}
