"""`flask ashar …` in a host, `ashar …` for the stand-alone site."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import ScriptInfo
from sqlalchemy import select

from ashar import checks, features, serve
from ashar.commands import group
from ashar.demo import sample
from ashar.kernel import clock, config, db, migrate
from ashar.kernel.db import session
from ashar.kernel.errors import AsharError, GatewayRefused, GatewayUnreachable
from ashar.kernel.money import Money
from ashar.ledger import rates
from ashar.pages import exported
from ashar.people import access, privacy
from ashar.people import queries as known
from ashar.people import services as people
from ashar.people.models import Person
from ashar.people.privacy import Subject
from ashar.pledges import donors, queries, services, tasks
from ashar.pledges.models import Inbox
from ashar.projects import states
from ashar.projects.regions import REGIONS

#: Every feature's part of what is held of somebody registers itself as it is loaded.
FEATURES = features.VIEWS


def main() -> None:
    """Run `ashar …` on the stand-alone site."""
    from ashar.site import create_app

    try:
        environ = serve.beside_sandbox(os.environ)
        site = ScriptInfo(create_app=lambda: create_app(environ=environ))
        group.main(obj=site, prog_name="ashar")
    except AsharError as error:
        raise SystemExit(f"ashar: {error}") from error


def fail(words: str) -> Any:
    """End a command with a sentence instead of a traceback."""
    raise click.ClickException(words)


@group.command()
def upgrade() -> None:
    """Bring the database to this version of Ashar."""
    try:
        migrate.upgrade(db.database().engine)
    except AsharError as error:
        fail(str(error))
    click.echo(f"The database is at revision {migrate.head()}.")


@group.command()
def demo() -> None:
    """Put in sample projects and people; does nothing twice."""
    if config.is_production(current_app.config):
        fail("Sample data do not belong on a production site.")
    for email, password, roles in sample.load():
        click.echo("\t".join((email, password, ",".join(roles))))


@group.command()
@click.option("--fix-totals", is_flag=True, help="Write the recomputed totals over the kept ones.")
@click.option("--fix-search", is_flag=True, help="File all projects under their words anew.")
def check(fix_totals: bool, fix_search: bool) -> None:
    """Hold the book against everything that is known; exit 1 names every difference."""
    if fix_search:
        click.echo(f"Projects filed: {checks.fix_search()}")
    if fix_totals:
        click.echo(f"Totals put right: {checks.fix_totals() + checks.fix_needs()}")
    found = checks.run()
    for name, differences in found.items():
        click.echo(f"{'ok  ' if not differences else 'FAIL'} {name}")
        for difference in differences:
            click.echo(f"     {difference}")
    if any(found.values()):
        sys.exit(1)


@group.command()
@click.argument("pledge")
@click.option("--payment", type=int, help="Which payment, where the pledge has several.")
@click.option("--amount", help="A part, such as 12.50; the whole without it.")
@click.option("--reason", default="asked for", show_default=True)
def refund(pledge: str, payment: int | None, amount: str | None, reason: str) -> None:
    """Give money of a pledge back, whole or in part."""
    try:
        with db.transaction():
            found = queries.by_any(pledge) or fail("There is no such pledge.")
            chosen = services.choose_payment(found, payment)
            locked = queries.lock_payment(chosen.id)
            money = Money.from_decimal(amount, locked.currency) if amount else None
            row = services.order_refund(locked, money, reason=reason).id
        state = tasks.send_refund(row)
    except GatewayUnreachable as error:
        fail(f"Ordered, not sent yet; a job sends it again. ({error})")
    except (AsharError, ValueError, GatewayRefused) as error:
        fail(str(error))
    click.echo(f"Refund {row}: {state}.")


@group.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="List events from this day on.")
def reconcile(since: datetime | None) -> None:
    """Fetch what the gateways know and we do not; print what is left."""
    try:
        found = tasks.reconcile(since.replace(tzinfo=UTC) if since else None)
    except GatewayUnreachable as error:
        fail(f"The provider did not answer: {error}")
    for what, count in found.items():
        click.echo(f"{count}\t{what}")
    for state in ("waiting", "parked"):
        for row in session.scalars(select(Inbox).where(Inbox.state == state).order_by(Inbox.id)):
            click.echo(f"{state}\t{row.id}\t{row.external_id}\t{row.kind}\t{row.reason}")


@group.group()
def events() -> None:
    """Look at the inbox: what came from outside and what became of it."""


@events.command("list")
@click.option("--state", type=click.Choice(["stored", "waiting", "parked", "done"]))
@click.option("--limit", default=50, show_default=True)
def list_events(state: str | None, limit: int) -> None:
    """List messages, newest first."""
    query = select(Inbox).order_by(Inbox.id.desc()).limit(limit)
    if state:
        query = query.where(Inbox.state == state)
    for row in session.scalars(query):
        when = f"{row.received_at:%Y-%m-%d %H:%M:%S}"
        click.echo(
            f"{row.id}\t{when}\t{row.state}\t{row.kind}\t{row.external_id}\t{row.reason or ''}"
        )


def _event(word: str) -> Inbox:
    query = select(Inbox).where(Inbox.external_id == word)
    if word.isdigit():
        query = select(Inbox).where(Inbox.id == int(word))
    found: Inbox = session.scalars(query).one_or_none() or fail("There is no such event.")
    return found


@events.command("show")
@click.argument("event")
def show_event(event: str) -> None:
    """Print a message as it came."""
    row = _event(event)
    click.echo(f"{row.id} {row.external_id} {row.kind}: {row.state} {row.reason or ''}", err=True)
    click.echo((row.body or b"").decode("utf-8", "replace"))


@events.command("replay")
@click.argument("event")
def replay_event(event: str) -> None:
    """Take a message through the door once more."""
    row = _event(event).id
    state = tasks.replay(row)
    session.rollback()
    found = session.get_one(Inbox, row)
    click.echo(f"{state} {found.reason or ''}".strip())


@group.command("states")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def print_states(out: Path | None) -> None:
    """Print the life of a project, and what each state means for money, as docs/states.md."""
    if out is None:
        click.echo(states.printed(), nl=False)
    else:
        out.write_text(states.printed(), encoding="utf-8")


@group.group("rates")
def rates_group() -> None:
    """Exchange rates."""


@rates_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_rates(file: Path) -> None:
    """Import the ECB's table, or date,currency,rate,source lines."""
    try:
        with db.transaction():
            count = rates.import_csv(file.read_text(encoding="utf-8-sig"))
    except (AsharError, UnicodeDecodeError) as error:
        fail(str(error))
    click.echo(f"{count} rates.")


@group.group("user")
def user_group() -> None:
    """People of the stand-alone site."""


@user_group.command("create")
@click.argument("email")
@click.option("--role", "roles", multiple=True, type=click.Choice(access.ROLES))
@click.option("--region", default="", help="Region of a moderator, such as KG-N.")
@click.option("--password", help="Asked for when left out.")
def create_user(email: str, roles: tuple[str, ...], region: str, password: str | None) -> None:
    """Make an account with roles."""
    accounts: Any = current_app.extensions.get("ashar_accounts") or fail(
        "Accounts are the host's here."
    )
    secret = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        accounts.create(email, secret, roles, region)
    except AsharError as error:
        fail(str(error))
    click.echo(f"{email}\t{','.join(roles)}")


@user_group.command("role")
@click.argument("email")
@click.option("--give", multiple=True, type=click.Choice(access.ROLES))
@click.option("--take", multiple=True, type=click.Choice(access.ROLES))
@click.option("--region", "regions", multiple=True, help="A moderator's, such as KG-N; several.")
@click.option("--partner", default="", help="The partner of a clerk.")
@click.option("--reason", default="by command", show_default=True)
@click.option("--id", "ident", default="", help="A host's id of its user, for one not met yet.")
def change_roles(
    email: str,
    give: tuple[str, ...],
    take: tuple[str, ...],
    regions: tuple[str, ...],
    partner: str,
    reason: str,
    ident: str,
) -> None:
    """Give somebody roles, or take them away; print those that they have then."""
    about = {"moderator": _known_regions(regions), "partner": [partner] if partner else []}
    try:
        with db.transaction():
            person = _person(email, ident)
            for name in give:
                people.give_roles(person, name, about.get(name, ()), actor=None, why=reason)
            for name in take:
                for scope in about.get(name) or _scopes(person, name):
                    people.take_role(person, name, scope, actor=None, why=reason)
            held = sorted(f"{role.name} {role.scope}".strip() for role in person.roles)
    except AsharError as error:
        fail(str(error))
    click.echo(f"{email}\t{','.join(held)}")


def _known_regions(codes: tuple[str, ...]) -> list[str]:
    for code in codes:
        if code not in REGIONS:
            fail(f"There is no region {code}: one of {', '.join(REGIONS)}.")
    return list(codes)


def _person(email: str, ident: str) -> Person:
    """Return whom an e-mail means: an account of the site, or whom a host has told us of."""
    accounts: Any = current_app.extensions.get("ashar_accounts")
    if accounts is not None:
        found: Person = accounts.person(email)
        return found
    if (met := known.by_email(email)) is not None:
        return met
    if not ident:
        fail("Nobody with this e-mail is known yet: give your user's id with --id.")
    return people.know(access.Identity(ident, email.strip().lower()))


def _scopes(person: Person, name: str) -> list[str]:
    return [role.scope for role in person.roles if role.name == name] or [""]


@group.group("person")
def person_group() -> None:
    """What is held of somebody: to give it to them, and to erase it."""


@person_group.command("export")
@click.argument("email")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The archive (ZIP).")
def export_person(email: str, out: Path | None) -> None:
    """Write all that is held of an e-mail's account and gifts: JSON and CSV in one archive."""
    subject = _subject(email)
    file = out or Path(f"person-{clock.today().isoformat()}.zip")
    file.write_bytes(exported.archive(subject))
    click.echo(f"{file}")


@person_group.command("erase")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_person(email: str, yes: bool) -> None:
    """Erase an e-mail's account and gifts; print what stays and until when."""
    _subject(email)
    if not yes:
        click.confirm(f"Erase all that names {email}? It cannot be undone.", abort=True)
    try:
        with db.transaction():
            left = privacy.erase(_subject(email))
    except AsharError as error:
        fail(str(error))
    for one in left:
        click.echo(f"{one.until or '-'}\t{one.what}")


def _subject(email: str) -> Subject:
    """Return whose an e-mail is: an operator has made sure that who asks is who owns it."""
    address = donors.fold(email)
    person = known.by_email(address)
    if person is None and not donors.gave(address):
        fail("Nothing is held of this e-mail.")
    return privacy.of_person(person, address) if person else Subject(email=address)


@group.command()
def doctor() -> None:
    """Say what of the configuration is missing or unsafe."""
    troubles = config.unsafe(current_app.config)
    state = current_app.extensions["ashar"]
    troubles += [f"{name}: {trouble}" for name, trouble in state.ready().items() if trouble]
    for trouble in troubles:
        click.echo(f"- {trouble}")
    if not troubles:
        click.echo("All is well.")
    elif config.is_production(current_app.config):
        sys.exit(1)
    else:
        click.echo("In development this is fine; production would refuse to start.")


group.add_command(serve.run)
group.add_command(serve.worker)
group.add_command(serve.sandbox)
