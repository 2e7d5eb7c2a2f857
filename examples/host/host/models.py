"""The association's own tables: Ashar neither knows nor touches them."""

from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash


class Base(DeclarativeBase):
    """Base of the association's models."""


db = SQLAlchemy(model_class=Base)


class User(UserMixin, db.Model):  # type: ignore[misc, name-defined]
    """A member with a password."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(2), default="de")
    password_hash: Mapped[str] = mapped_column(String(255))

    def set_password(self, password: str) -> None:
        """Keep a password's hash."""
        self.password_hash = generate_password_hash(password)

    def has_password(self, password: str) -> bool:
        """Tell whether it is the password."""
        return check_password_hash(self.password_hash, password)
