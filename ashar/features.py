"""All that answers, gathered: what a start leaves for later is loaded together.

So nobody meets half of the tables, or a queue that lacks some of its jobs.
"""

from ashar.admin import account_views, list_views
from ashar.admin import recovery_views as recovery
from ashar.admin import views as admin
from ashar.kernel import outbox
from ashar.lead import drafts, helping, life
from ashar.lead import views as lead
from ashar.mail import tasks as mail
from ashar.mail import views as letters
from ashar.moderation import holds, reviews
from ashar.moderation import project_views as moderated_projects
from ashar.moderation import tasks as moderation
from ashar.moderation import views as cases
from ashar.pages import apply, feeds, operations, project
from ashar.pages import views as pages
from ashar.people import tasks as people
from ashar.pledges import overdue, receipt_tasks, receipt_views, tasks, transfers, webhooks
from ashar.pledges import views as pledges
from ashar.progress.views import comments, desk, reports, updates
from ashar.projects import tasks as closing
from ashar.projects import views as projects
from ashar.treasury import account_views as bank_accounts
from ashar.treasury import receipt_views as receipts
from ashar.treasury import transfer_views as bank_transfers
from ashar.treasury import views as treasury

__all__ = [
    "VIEWS",
    "closing",
    "holds",
    "mail",
    "moderation",
    "outbox",
    "overdue",
    "people",
    "receipt_tasks",
    "reviews",
    "tasks",
    "transfers",
]

#: The modules whose functions answer, by name.
VIEWS = {
    module.__name__: module
    for module in (
        *(pages, feeds, project, apply, operations, projects, letters, webhooks),
        *(pledges, receipt_views),
        *(updates, desk, comments, reports),
        *(lead, drafts, helping, life),
        *(cases, moderated_projects),
        *(admin, recovery, list_views, account_views),
        *(treasury, bank_transfers, bank_accounts, receipts),
    )
}
