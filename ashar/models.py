"""All models, gathered for migrations and checks."""

from ashar.accounts import models as accounts
from ashar.kernel import history, kept, media, outbox, papers, retained, terms
from ashar.kernel.db import Base
from ashar.ledger import models as ledger
from ashar.mail import models as mail
from ashar.moderation import models as moderation
from ashar.people import models as people
from ashar.pledges import models as pledges
from ashar.progress import models as progress
from ashar.projects import models as projects

metadata = Base.metadata

__all__ = [
    "accounts",
    "history",
    "kept",
    "ledger",
    "mail",
    "media",
    "metadata",
    "moderation",
    "outbox",
    "papers",
    "people",
    "pledges",
    "progress",
    "projects",
    "retained",
    "terms",
]
