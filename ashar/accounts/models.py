"""Accounts of the stand-alone site: who may sign in, and with what."""

import uuid
from datetime import datetime
from typing import Any

from flask_security import AsaList, UserMixin, WebAuthnMixin
from sqlalchemy import ForeignKey
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key

#: Where the e-mail of an account without one ends: a name that exists nowhere (RFC 2606). The
#: column wants a value; no letter goes there, no page shows it, and no form takes it.
NOWHERE = "@phone.invalid"


def _handle() -> str:
    return uuid.uuid4().hex


class User(Base, UserMixin):
    """An account: an e-mail or a phone, and a password; its roles hang on people.Person.

    The names beginning with fs_, tf_, mf_ and wan are those that Flask-Security asks for.
    `key` never changes and is never given to another account, unlike `fs_uniquifier`, which a
    new password renews to end all sessions.
    """

    __tablename__ = "ashar_user"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True, default=_handle)
    email: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str | None] = mapped_column(unique=True, index=True)
    name: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None]
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(unique=True)
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None]
    #: The last code's time step: a code that was seen over a shoulder is no good a second time.
    tf_last_counter: Mapped[int | None]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))

    webauthn: Mapped[list["WebAuthn"]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def address(self) -> str | None:
        """Return the e-mail, None for an account by phone that has none."""
        return None if self.email.endswith(NOWHERE) else self.email

    def calc_username(self) -> str:
        """Return what authenticator apps and passkeys show of the account."""
        return self.address or self.phone or ""


class SignIn(Base):
    """A browser that is signed in; it is so as long as this row is there.

    No network address and no place is kept: kind of browser and times are enough for its owner to
    recognise it.
    """

    __tablename__ = "ashar_session"

    token: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("ashar_user.id", ondelete="CASCADE"), index=True
    )
    browser: Mapped[str]
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class WebAuthn(Base, WebAuthnMixin):
    """A passkey or security key of an account."""

    __tablename__ = "ashar_webauthn"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("ashar_user.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[bool]
    device_type: Mapped[str]
    extensions: Mapped[str | None]
    usage: Mapped[str]
    lastuse_datetime: Mapped[datetime]

    user: Mapped[User] = relationship(back_populates="webauthn")

    def get_user_mapping(self) -> dict[str, Any]:
        """Return what finds the owner."""
        return {"id": self.user_id}
