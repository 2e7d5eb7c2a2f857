"""The lives of updates, comments and reports, and what a comment may not hold unseen."""

import re

from ashar.kernel.i18n import N_
from ashar.kernel.states import Machine, table

UPDATE = Machine(
    "update",
    "draft",
    table("""
        draft     > published
        published > hidden
        hidden    > published
    """),
)
#: Nothing is deleted: what may not stand is hidden, and the reason stands in its place.
COMMENT = Machine(
    "comment",
    "held",
    table("""
        held   > shown hidden
        shown  > hidden
        hidden >
    """),
)
#: A donor may change a message: then it is read anew.
MESSAGE = Machine(
    "message",
    "held",
    table("""
        held   > shown hidden
        shown  > held hidden
        hidden > held shown
    """),
)
REPORT = Machine(
    "report",
    "open",
    table("""
        open      > founded unfounded
        founded   >
        unfounded >
    """),
)

#: What somebody may find irregular.
REPORT_REASONS = {
    "misuse": N_("Money is used for something else"),
    "untrue": N_("Something here is not true"),
    "danger": N_("It endangers people or nature"),
    "insult": N_("It insults or threatens somebody"),
    "privacy": N_("It shows somebody's personal data"),
    "other": N_("Something else"),
}

LONGEST_COMMENT = 2000
LONGEST_NAME = 80
LONGEST_REPORT = 4000
LONGEST_UPDATE = 12_000
#: Pictures of one update, and answers to one comment.
PICTURES, ANSWERS = 10, 50

_WORD = re.compile(r"\S+")
#: A day is no telephone number.
_DAY = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d\b|\b\d{1,2}\.\d{1,2}\.(?:19|20)\d\d\b")
_CONTACT = re.compile(
    r"@|://|\bwww\.|\b[\w-]+\.(?:[a-z]{2,}|рф|кг)\b|(?:\+|\b)\d(?:[\s().\-/]*\d){6,}",
    re.IGNORECASE,
)


def holds_contact(words: str) -> bool:
    """Tell whether a text holds an e-mail address, a telephone number or an address of the web."""
    return _CONTACT.search(_DAY.sub("…", words)) is not None


def without_emails(words: str) -> str:
    """Return a text with e-mail addresses left out."""
    return _WORD.sub(_unless_email, words)


def _unless_email(word: re.Match[str]) -> str:
    return "…@…" if "@" in word[0].strip("@") else word[0]
