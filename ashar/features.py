"""All that answers, gathered: what a start leaves for later is loaded together.

So nobody meets half of the tables, or a queue that lacks some of its jobs.
"""

from ashar import mail
from ashar.kernel import outbox
from ashar.lead import helping, life, writing
from ashar.lead import views as lead
from ashar.moderation import holds, reviews
from ashar.moderation import tasks as moderation
from ashar.pages import operations
from ashar.pages import views as pages
from ashar.pledges import tasks, webhooks
from ashar.pledges import views as pledges
from ashar.projects import views as projects

__all__ = ["VIEWS", "holds", "mail", "moderation", "outbox", "reviews", "tasks"]

#: The modules whose functions answer, by name.
VIEWS = {
    module.__name__: module
    for module in (
        pages,
        operations,
        projects,
        pledges,
        webhooks,
        lead,
        writing,
        helping,
        life,
    )
}
