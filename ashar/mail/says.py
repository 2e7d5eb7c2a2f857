"""What the templates of letters may say, read when a letter is sent: never what has passed.

Each function gets the rows of a letter (several where one letter gathers them) and returns the
templates' values, or none when there is nothing to say any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from ashar.gateways import cash
from ashar.kernel import clock, i18n, links
from ashar.kernel.db import session
from ashar.kernel.history import History
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.mail import addresses
from ashar.mail.models import Letter
from ashar.mail.recipients import GIVES, project_of
from ashar.moderation.models import Case, Decision, Hold
from ashar.moderation.states import REASONS
from ashar.people.models import Application, Person
from ashar.pledges import closing, collectors, corridors, donors
from ashar.pledges.models import Payment, Pledge, Receipt, Refund
from ashar.pledges.queries import subscription_of
from ashar.pledges.services import OWED_LIFE, signed_key
from ashar.pledges.standing import SUSPENSE
from ashar.progress.models import Report
from ashar.progress.states import holds_contact
from ashar.projects import content as contents
from ashar.projects import queries, show
from ashar.projects.models import Helper, Project, Version
from ashar.projects.show import days_left

Values = dict[str, Any]
Letters = Sequence[Letter]

#: What subjects show of a title.
SUBJECT = 26
#: What the steps of the leader's desk are called.
STEP_WORDS = {
    "story": N_("Story"),
    "place": N_("Place and theme"),
    "goal": N_("Goal and deadline"),
    "budget": N_("Budget"),
    "needs": N_("What is needed"),
    "milestones": N_("Milestones"),
    "people": N_("People"),
    "pictures": N_("Pictures"),
}


def cut(words: str, length: int) -> str:
    """Return a text on one line, cut at a word where it is longer."""
    line = " ".join(words.split())
    if len(line) <= length:
        return line
    kept = line[: length - 1]
    whole = kept.rpartition(" ")[0]
    return (whole if len(whole) > length // 2 else kept).rstrip(" ,.;:–-") + "…"


@dataclass(frozen=True, slots=True)
class About:
    """A project as letters speak of it: `url` is for everybody, `desk` for its leader."""

    title: str
    subject: str
    url: str
    desk: str


def about(project: Project) -> About:
    """Return how letters speak of a project."""
    title = show.title(project)
    return About(
        title=cut(title, 120),
        subject=cut(title, SUBJECT),
        url=links.absolute("projects.show", slug=project.slug),
        desk=addresses.desk(project.slug),
    )


# A pledge -----------------------------------------------------------------------------------


def pledge(letters: Letters) -> Values:
    """Say what became of a pledge's money."""
    [letter] = letters
    facts = letter.facts
    found = session.get_one(Pledge, letter.pledge_id)
    payment = session.get(Payment, facts["payment"]) if "payment" in facts else None
    refund = session.get(Refund, facts["refund"]) if "refund" in facts else None
    amount = Money.from_decimal(facts["amount"], facts["currency"]) if "amount" in facts else None
    return {
        "pledge": found,
        "payment": payment,
        "refund": refund,
        "project": show.view(found.project),
        "amount": amount,
        "link": links.absolute("pledges.show", token=found.token, lang=letter.language),
        "purpose": facts.get("purpose", ""),
        "receipt_link": links.absolute(
            "pledges.receipt_pdf", token=found.token, lang=letter.language
        ),
        "key_link": _key_link(found, facts) if "purpose" in facts else "",
        "stop": _stop_link(found, letter.language),
    }


def transfer(letters: Letters) -> Values:
    """Say what to write on a transfer, unless it has come or is no longer waited for."""
    found = pledge(letters)
    payment: Payment = found["payment"]
    if payment.state != "started" or not payment.instructions or not payment.ends_at:
        return {}
    lines = [(i18n.t(label), words) for label, words in payment.instructions.items()]
    return found | {"lines": lines, "until": clock.day_of(payment.ends_at)}


def receipt(letters: Letters) -> Values:
    """Lead to a receipt with a key; say nothing of one that was cancelled meanwhile."""
    found, facts = pledge(letters), letters[0].facts
    row = session.get_one(Receipt, facts["receipt"])
    if row.cancelled_at is not None:
        return {}
    key = signed_key(facts["nonce"])
    token, lang = found["pledge"].token, letters[0].language
    return found | {
        "receipt": row,
        "void": (row.facts["cancels"] or [""])[0],
        "reason": i18n.t(row.why),
        "papers_link": links.absolute("pledges.confirm_receipt", token=token, key=key, lang=lang),
    }


def owed(letters: Letters) -> Values:
    """Ask where a refund goes to; nothing once it is known, or is no longer owed."""
    found = pledge(letters)
    refund: Refund = found["refund"]
    if refund.state != "owed":
        return {}
    [letter] = letters
    key = signed_key(letter.facts["nonce"])
    token, lang = found["pledge"].token, letter.language
    where = links.absolute("refunds.where", token=token, refund=refund.id, key=key, lang=lang)
    return found | {"where": where, "days": OWED_LIFE.days}


def slip(letters: Letters) -> Values:
    """Say that cash is with a collector, unless its slip was a mistake."""
    [letter] = letters
    found = pledge(letters)
    row = collectors.slip(letter.facts["slip"])
    if row is None or row.state == "void":
        return {}
    return found | {"number": cash.grouped(row.number), "given": row.money}


def _key_link(found: Pledge, facts: Values) -> str:
    key = signed_key(facts["nonce"])
    return links.absolute(f"pledges.confirm_{facts['purpose']}", token=found.token, key=key)


def _stop_link(found: Pledge, language: str) -> str:
    """Return where a monthly gift is stopped, as long as it can be."""
    if found.frequency != "monthly":
        return ""
    running = subscription_of(found.id)
    return addresses.stop(found.token, language) if running and running.state != "ended" else ""


def honour(letters: Letters) -> Values:
    """Say to somebody that a gift honours them: no sum, a name only where everybody may read it.

    Nothing once the money went back, or came for no project. Whoever gives can write anything to
    anybody: a name with an address in it is no name.
    """
    found = session.get_one(Pledge, letters[0].pledge_id)
    payments = {payment.account for payment in found.payments if payment.account}
    if not found.honour_email or found.state != "paid" or payments == {SUSPENSE}:
        return {}
    named = found.name if found.visibility == "public" else ""
    return {
        "project": about(found.project),
        "name": _person_name(found.in_honour_of),
        "giver": _person_name(named),
    }


def _person_name(words: str) -> str:
    return "" if holds_contact(words) else cut(words, 60)


def donor_link(letters: Letters) -> Values:
    """Give somebody the link to all that was given from their address; nothing once it is over."""
    key = donors.signed(letters[0].facts["nonce"])
    if not donors.opens(key):
        return {}
    return {"link": links.absolute("me.open_link", key=key, lang=letters[0].language)}


def gifts(letters: Letters) -> Values:
    """Say to a donor what became of a project, with all that they gave to it."""
    [letter] = letters
    project = project_of(letter.facts)
    if project is None:
        return {}
    mine = session.scalars(
        select(Pledge)
        .where(Pledge.project_id == project.id, Pledge.state.in_(GIVES))
        .where(func.lower(Pledge.email) == func.lower(letter.recipient))
        .order_by(Pledge.id)
    ).all()
    address = links.absolute("projects.show", slug=project.slug, lang=letter.language)
    return _sums(project) | {
        "missed": _gives_back(project),
        "name": mine[-1].name if mine else "",
        "link": address,
        "gifts": [
            (one.gift, links.absolute("pledges.show", token=one.token, lang=letter.language))
            for one in mine
        ],
        "terms": addresses.terms(letter.language),
    }


def _gives_back(project: Project) -> bool:
    """Tell whether a project's gifts go the ways that their donors chose."""
    row = closing.of_project(project.id)
    return row is not None and row.state in closing.BACK


# A project ----------------------------------------------------------------------------------


def _sums(project: Project) -> Values:
    sums = queries.sums(project)
    return {"project": about(project), "raised": sums.raised, "goal": project.goal}


def project(letters: Letters) -> Values:
    """Say something of a project to its leader."""
    found = project_of(letters[0].facts)
    return _sums(found) if found else {}


def submitted(letters: Letters) -> Values:
    """Say that something of a project was received for review."""
    found, facts = project_of(letters[0].facts), letters[0].facts
    if found is None:
        return {}
    query = select(Version.kind).where(
        Version.project_id == found.id, Version.no == facts["version"]
    )
    return {"project": about(found), "what": session.scalars(query).one()}


def asked(letters: Letters) -> Values:
    """Say what the moderators ask; nothing once it was answered and sent again."""
    found, case = project_of(letters[0].facts), session.get(Case, letters[0].facts["case"])
    if found is None or case is None or case.state != "asked":
        return {}
    questions = [one for one in case.remarks if one.kind == "question" and not one.answered_at]
    return {
        "project": about(found),
        "questions": [(_step(one.field), one.words) for one in questions],
        **_decision(case, "ask"),
    }


def _step(field: str) -> str:
    """Return the words for the step of the desk that holds a field."""
    if not field:
        return ""
    return i18n.t(STEP_WORDS[field if field in STEP_WORDS else contents.step_of(field)])


def decided(letters: Letters) -> Values:
    """Say what was decided about a project, and why."""
    found, case = project_of(letters[0].facts), session.get(Case, letters[0].facts["case"])
    if found is None or case is None:
        return {}
    return _sums(found) | {"what": case.kind} | _decision(case, "reject")


def _decision(case: Case, what: str) -> Values:
    found = session.scalars(
        select(Decision)
        .where(Decision.case_id == case.id, Decision.what == what)
        .order_by(Decision.id.desc())
        .limit(1)
    ).one_or_none()
    return {
        "reason": i18n.t(REASONS[found.reason]) if found and found.reason in REASONS else "",
        "words": found.words if found else "",
    }


def held(letters: Letters) -> Values:
    """Say why and until when a project is suspended; nothing once it is not any more."""
    found, hold = project_of(letters[0].facts), session.get(Hold, letters[0].facts["hold"])
    if found is None or hold is None or hold.lifted_at is not None:
        return {}
    return {
        "project": about(found),
        "reason": i18n.t(REASONS[hold.reason]) if hold.reason in REASONS else "",
        "words": hold.words,
        "until": hold.ends_at,
    }


def appeal(letters: Letters) -> Values:
    """Say that an appeal was turned down, and why."""
    found, hold = project_of(letters[0].facts), letters[0].facts["hold"]
    if found is None:
        return {}
    case = session.scalars(
        select(Case)
        .where(Case.kind == "appeal", Case.subject_id == hold)
        .order_by(Case.id.desc())
        .limit(1)
    ).one_or_none()
    return {"project": about(found), **(_decision(case, "reject") if case else {})}


def cancelled(letters: Letters) -> Values:
    """Say to the leader that a project was cancelled, and why."""
    found = project_of(letters[0].facts)
    if found is None:
        return {}
    query = select(History.why, History.actor_id).where(
        History.kind == "project", History.subject_id == found.id, History.new == "cancelled"
    )
    row = session.execute(query.order_by(History.id.desc()).limit(1)).one_or_none()
    # Nobody but its last day ends a project by itself.
    missed = row is not None and row.actor_id is None and _gives_back(found)
    return {"project": about(found), "words": row.why if row else "", "missed": missed}


def deadline(letters: Letters) -> Values:
    """Say that a project's last days have come; nothing when it collects no more."""
    found, facts = project_of(letters[0].facts), letters[0].facts
    if found is None or found.state != "published" or str(found.deadline) != facts["deadline"]:
        return {}
    minimum = Money(found.minimum_minor, found.currency) if found.minimum_minor else None
    sums = _sums(found)
    return sums | {
        "days": days_left(found.deadline) or 0,
        "day": found.deadline,
        "minimum": minimum if found.funding == "threshold" else None,
        "reached": minimum is not None and not sums["raised"] < minimum,
    }


# People -------------------------------------------------------------------------------------


def helper(letters: Letters) -> Values:
    """Invite somebody to help a leader; nothing once they do, or are no longer wanted."""
    found = session.get(Helper, letters[0].facts["helper"])
    if found is None or found.ended_at is not None or found.accepted_at is not None:
        return {}
    project = session.get_one(Project, found.project_id)
    leader = session.get(Person, project.owner_id) if project.owner_id else None
    return {
        "project": about(project),
        "leader": cut(leader.name, 60) if leader else "",
        "link": addresses.invitation(found.token),
    }


def application(letters: Letters) -> Values:
    """Say what became of an application to lead projects, or that there is one."""
    token = letters[0].facts["application"]
    return {
        "desks": addresses.all_desks(),
        "apply": addresses.application(),
        "link": addresses.applicant(token),
        "words": session.scalar(select(Application.why).where(Application.token == token)) or "",
    }


def corridor(letters: Letters) -> Values:
    """Say which corridor of payment nobody has looked at."""
    [letter] = letters
    code = letter.facts["country"]
    names = dict(corridors.countries(i18n.language()))
    return {"country": names.get(code, code), "link": addresses.corridor(code)}


# Those who report ---------------------------------------------------------------------------


def report(letters: Letters) -> Values:
    """Say to somebody who reported something where it stands; the page says the rest."""
    [letter] = letters
    found = session.get_one(Report, letter.facts["report"])
    return {"link": addresses.report(found.token, letter.language)}
