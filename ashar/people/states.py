"""The life of an application to become a leader, and of a recovery in person."""

from ashar.kernel.states import Machine, table

APPLICATION = Machine(
    "application",
    "open",
    table("""
        open      > granted refused withdrawn
        granted   >
        refused   >
        withdrawn >
    """),
)

RECOVERY = Machine(
    "recovery",
    "open",
    table("""
        open      > confirmed withdrawn ended
        confirmed > used withdrawn ended
        used      >
        withdrawn >
        ended     >
    """),
)
#: States in which a recovery may still lead to something.
ACTIVE = ("open", "confirmed")
