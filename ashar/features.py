"""All that answers, gathered: what a start leaves for later is loaded together.

So nobody meets half of the tables, or a queue that lacks some of its jobs.
"""

from ashar import mail
from ashar.admin import account_views, list_views
from ashar.admin import recovery_views as recovery
from ashar.admin import views as admin
from ashar.kernel import outbox
from ashar.moderation import holds, reviews
from ashar.moderation import tasks as moderation
from ashar.pages import apply, operations
from ashar.pages import views as pages
from ashar.people import tasks as people
from ashar.pledges import overdue, tasks, webhooks
from ashar.pledges import views as pledges
from ashar.projects import tasks as closing
from ashar.projects import views as projects

__all__ = [
    "VIEWS",
    "closing",
    "holds",
    "mail",
    "moderation",
    "outbox",
    "overdue",
    "people",
    "reviews",
    "tasks",
]

#: The modules whose functions answer, by name.
VIEWS = {
    module.__name__: module
    for module in (pages, apply, operations, projects, pledges, webhooks)
    + (admin, recovery, list_views, account_views)
}
