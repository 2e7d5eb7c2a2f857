"""The bare twins: what a Flask developer writes who needs only this one thing.

Flask, SQLAlchemy Core and Jinja; no languages, no limits, no log lines, no book. They work on the
same database, on SQLite with the same pragmas, so that a commit is as durable as ours.
"""

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, redirect, render_template, request
from flask_wtf import FlaskForm
from wtforms import DecimalField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Regexp

PROJECT = sa.table(
    "ashar_project",
    *map(sa.column, "id slug state listed region district theme currency goal_minor".split()),
    *map(sa.column, ("published_at", "deadline", "cover_id")),
)
TEXT = sa.table("ashar_project_text", *map(sa.column, "project_id language title summary".split()))
TOTALS = sa.table("ashar_totals", *map(sa.column, "project_id raised_minor supporters".split()))
MEDIA = sa.table("ashar_media", sa.column("id"), sa.column("token"), sa.column("widths", sa.JSON))
OWN = sa.MetaData()
_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLEDGES = sa.Table(
    "bare_pledge",
    OWN,
    sa.Column("id", _key, primary_key=True),
    sa.Column("attempt", sa.Text, unique=True, nullable=False),
    sa.Column("project_id", sa.BigInteger, nullable=False, index=True),
    *[sa.Column(name, sa.Text) for name in ("currency", "country", "method", "name", "email")],
    *[sa.Column(name, sa.Text) for name in ("visibility", "message", "session_id")],
    sa.Column("minor", sa.BigInteger, nullable=False),
    sa.Column("made_at", sa.DateTime, nullable=False),
)
EVENTS = sa.Table(
    "bare_event",
    OWN,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=20000")


def make(url: str, secret: str = "") -> Flask:
    """Make a site of four routes."""
    app = Flask(__name__, template_folder=str(Path(__file__).parent / "templates"))
    app.secret_key = "bench"
    engine = make_engine(url)
    OWN.create_all(engine)
    app.extensions["bare"] = engine
    _add_pages(app, engine)
    _add_pledging(app, engine)
    _add_webhook(app, engine, secret)
    return app


def make_engine(url: str) -> sa.Engine:
    """Return an engine that keeps what it commits."""
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def _(connection: Any, _record: Any) -> None:
            for pragma in PRAGMAS:
                connection.execute("PRAGMA " + pragma)

    return engine


def _cards(limit: int) -> sa.Select[Any]:
    """Select what a card shows, in one query."""
    return (
        sa.select(
            PROJECT.c.slug, PROJECT.c.region, PROJECT.c.district, PROJECT.c.theme,
            PROJECT.c.currency, PROJECT.c.goal_minor, PROJECT.c.deadline, TEXT.c.title,
            TEXT.c.summary, TOTALS.c.raised_minor, TOTALS.c.supporters, MEDIA.c.token,
            MEDIA.c.widths,
        )
        .join(TEXT, sa.and_(TEXT.c.project_id == PROJECT.c.id, TEXT.c.language == "en"))
        .join(TOTALS, TOTALS.c.project_id == PROJECT.c.id)
        .join(MEDIA, MEDIA.c.id == PROJECT.c.cover_id)
        # The same condition and order as ours, so that the same index serves both.
        .where(PROJECT.c.listed.is_(True))
        .order_by(PROJECT.c.published_at.desc(), PROJECT.c.id.desc())
        .limit(limit)
    )  # fmt: skip


def _add_pages(app: Flask, engine: sa.Engine) -> None:
    @app.get("/projects")
    def index() -> str:
        with engine.connect() as connection:
            rows = connection.execute(_cards(20)).all()
        return render_template("index.html", projects=rows)

    @app.get("/projects/<slug>")
    def project(slug: str) -> str:
        with engine.connect() as connection:
            row = connection.execute(_cards(1).where(PROJECT.c.slug == slug)).one()
        return render_template("index.html", projects=[row])


class PledgeForm(FlaskForm):
    """The same fields as ours, with a proof against forgery, and validators out of the box."""

    attempt = StringField(validators=[InputRequired(), Length(max=64)])
    amount = DecimalField(validators=[InputRequired(), NumberRange(1, 20_000)])
    currency = SelectField(choices=["CHF", "EUR", "USD"])
    country = StringField(validators=[Regexp("[A-Z]{2}")])
    method = RadioField(choices=["card", "bank"], validators=[InputRequired()])
    name = StringField(validators=[Length(max=120)])
    email = StringField(validators=[InputRequired(), Regexp(r"[^@\s]+@[^@\s]+\.[^@\s]+")])
    visibility = RadioField(choices=["public", "anonymous", "hidden"])
    message = TextAreaField(validators=[Length(max=1000)])


def _add_pledging(app: Flask, engine: sa.Engine) -> None:
    @app.get("/projects/<slug>/pledge")
    def form(slug: str) -> str:
        return str(PledgeForm().csrf_token.current_token)

    @app.post("/projects/<slug>/pledge")
    def pledge(slug: str) -> Any:
        form = PledgeForm()
        if not form.validate_on_submit():
            return form.errors, 422
        row = _insert(engine, slug, form)
        if form.method.data == "bank":
            return redirect(f"/pledges/{row}", 303)
        with engine.begin() as connection:
            session = {"session_id": f"cs_{form.attempt.data}"}
            connection.execute(sa.update(PLEDGES).where(PLEDGES.c.id == row).values(session))
        return redirect("https://checkout.stripe.com/c/pay/bench", 303)

    @app.get("/pledges/<int:row>")
    def transfer(row: int) -> str:
        found = (
            sa.select(
                PLEDGES.c.id, PLEDGES.c.minor, PLEDGES.c.currency, PROJECT.c.slug, TEXT.c.title
            )
            .join(PROJECT, PROJECT.c.id == PLEDGES.c.project_id)
            .join(TEXT, sa.and_(TEXT.c.project_id == PROJECT.c.id, TEXT.c.language == "en"))
            .where(PLEDGES.c.id == row)
        )
        with engine.connect() as connection:
            return render_template("transfer.html", pledge=connection.execute(found).one())


def _insert(engine: sa.Engine, slug: str, form: PledgeForm) -> int:
    """Write one row, for a project that takes gifts."""
    values = {name: form[name].data for name in PLEDGES.c.keys() if name in form}  # noqa: SIM118
    with engine.begin() as connection:
        project = connection.execute(
            # Gifts made ours reach their goal, and they take more.
            sa.select(PROJECT.c.id).where(
                PROJECT.c.slug == slug, PROJECT.c.state.in_(("published", "funded"))
            )
        ).scalar_one()
        values |= {"minor": int(form.amount.data * 100), "project_id": project}
        made = sa.insert(PLEDGES).values(made_at=sa.func.current_timestamp(), **values)
        return int(connection.execute(made.returning(PLEDGES.c.id)).scalar_one())


def _add_webhook(app: Flask, engine: sa.Engine, secret: str) -> None:
    @app.post("/webhooks/stripe")
    def receive() -> Any:
        body = request.get_data()
        if not _authentic(body, request.headers.get("Stripe-Signature", ""), secret):
            return "refused", 400
        event = json.loads(body)
        values = {"id": event["id"], "type": event["type"], "body": body}
        with engine.begin() as connection:
            connection.execute(sa.insert(EVENTS).values(values))
        return "stored"


def _authentic(body: bytes, header: str, secret: str) -> bool:
    parts = dict(part.split("=", 1) for part in header.split(","))
    if abs(time.time() - int(parts["t"])) > 300:
        return False
    signed = f"{parts['t']}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(digest, parts["v1"])


def dispose(app: Flask) -> None:
    """Close the site's connections."""
    app.extensions["bare"].dispose()
