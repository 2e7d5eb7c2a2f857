"""What recurs: forgetting what need not be known any more."""

from ashar.kernel import db, jobs
from ashar.people import applications, recovery


@jobs.job("people.forget", every=3600)
def forget() -> None:
    """Empty old applications and end recoveries that ran out."""
    with db.transaction():
        applications.forget_answers()
        recovery.end_lapsed()
