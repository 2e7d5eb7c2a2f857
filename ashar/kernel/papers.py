"""Papers kept as they came: bank proofs, receipts. Nobody but who may see them gets them back."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel import clock, db, ids, media
from ashar.kernel.db import Base, row_key, session
from ashar.kernel.errors import Refused
from ashar.kernel.forms import clean_text
from ashar.kernel.i18n import N_

#: Bytes; a photo of a phone or a few scanned pages.
LARGEST = 10 * 2**20
#: By what a file begins with: what it says of itself may be wrong.
KINDS = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
)
#: What we keep of our own making, beside what people bring.
OWN = {"application/xml": "xml"}
_ENDINGS = {kind: ending for _, kind, ending in KINDS} | OWN


class Paper(Base):
    """A file as it was uploaded, what it belongs to, who brought it and when.

    `digest` is the SHA-256 of its bytes; its file lies in the store of media under token and
    ending, which no public address serves.
    """

    __tablename__ = "ashar_paper"
    __table_args__ = (Index("ix_ashar_paper_owner", "owner_kind", "owner_id"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    owner_kind: Mapped[str]
    owner_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    kind: Mapped[str]
    digest: Mapped[str]
    size: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(row_key)
    kept_at: Mapped[datetime]


def kind_of(data: bytes) -> tuple[str, str]:
    """Return media type and ending of a file by its first bytes; raise Refused in words."""
    if len(data) > LARGEST:
        raise Refused(N_("This file is larger than 10 MB."))
    for start, kind, ending in KINDS:
        if data.startswith(start):
            return kind, ending
    raise Refused(N_("Please bring a PDF, or a picture as JPEG or PNG."))


def keep(data: bytes, name: str, *, owner: tuple[str, int], person: int | None) -> Paper:
    """Keep a file as it is; raise Refused for what is neither a PDF nor a picture."""
    kind, _ = kind_of(data)
    return _write(data, name, kind, owner=owner, person=person)


def keep_own(
    data: bytes, name: str, kind: str, *, owner: tuple[str, int], person: int | None
) -> Paper:
    """Keep a file of our own making, so that it is handed out as it was made."""
    return _write(data, name, kind, owner=owner, person=person)


def _write(
    data: bytes, name: str, kind: str, *, owner: tuple[str, int], person: int | None
) -> Paper:
    token = ids.token()
    media.store().put(f"{token}.{_ENDINGS[kind]}", data)
    row = Paper(
        token=token,
        owner_kind=owner[0],
        owner_id=owner[1],
        name=clean_text(name)[:120],
        kind=kind,
        digest=hashlib.sha256(data).hexdigest(),
        size=len(data),
        person_id=person,
        kept_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def of(kind: str, rows: Sequence[int]) -> dict[int, list[Paper]]:
    """Return the papers of some rows of a kind, by row, in the order in which they were brought."""
    query = select(Paper).where(Paper.owner_kind == kind, Paper.owner_id.in_(rows))
    found: dict[int, list[Paper]] = {}
    for paper in session.scalars(query.order_by(Paper.id)):
        found.setdefault(paper.owner_id, []).append(paper)
    return found


def file_name(paper: Paper) -> str:
    """Return under which name a paper is saved: ours, since a person's may be anything."""
    return f"proof-{paper.kept_at:%Y-%m-%d}-{paper.id}.{_ENDINGS[paper.kind]}"


def read(paper: Paper) -> bytes | None:
    """Return a paper's bytes, None where its file is gone or is not what was brought."""
    data = media.store().get(f"{paper.token}.{_ENDINGS[paper.kind]}")
    if data is None or hashlib.sha256(data).hexdigest() != paper.digest:
        return None
    return data


def discard(paper: Paper) -> None:
    """Delete a paper, its file once that is certain."""
    name = f"{paper.token}.{_ENDINGS[paper.kind]}"
    session.delete(paper)
    db.after_commit(("paper", paper.token), lambda: media.store().drop(name))
