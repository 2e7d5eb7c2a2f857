"""Letters: a signal becomes rows, once per fact, recipient and kind; a job sends them.

`templates/ashar/mail/<kind>/` holds subject.txt, body.txt and body.html of each kind, and, for all
but letters about a pledge, short.txt: at most 300 characters with one link, to pass on.
"""

from ashar.mail.models import Letter, Mailing, Unsubscribed
from ashar.mail.sending import message_id_of, send, sweep
from ashar.mail.writing import write

__all__ = ["Letter", "Mailing", "Unsubscribed", "message_id_of", "send", "sweep", "write"]
