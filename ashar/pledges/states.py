"""The tables of states of pledges, payments, refunds and disputes.

A late fact may skip a step that an earlier one would have taken, so the tables of what money did
name every state that facts can lead to, whatever their order. A pledge whose payment was lost may
still be paid by another.
"""

from ashar.kernel.states import Machine, table

PLEDGE = Machine(
    "pledge",
    "open",
    table("""
        open       > processing paid disputed lost refunded expired cancelled
        processing > open paid disputed lost refunded expired cancelled
        expired    > open cancelled processing paid disputed lost refunded
        cancelled  > processing paid disputed lost refunded
        paid       > refunded disputed lost
        refunded   > paid disputed lost
        disputed   > paid refunded lost
        lost       > open processing paid disputed refunded
    """),
)

PAYMENT = Machine(
    "payment",
    "started",
    table("""
        started         > processing settled failed expired
        processing      > settled failed expired
        failed          > processing settled
        expired         > processing settled
        settled         > partly_refunded refunded disputed lost
        partly_refunded > settled refunded disputed lost
        refunded        > settled partly_refunded disputed lost
        disputed        > settled partly_refunded refunded lost
        lost            >
    """),
)

REFUND = Machine(
    "refund",
    "ordered",
    table("""
        ordered   > pending succeeded failed
        pending   > succeeded failed
        succeeded > failed
        failed    >
    """),
)

DISPUTE = Machine(
    "dispute",
    "warning",
    table("""
        warning > open closed won lost
        open    > won lost closed
        won     >
        lost    >
        closed  >
    """),
)

#: A group's page; what a moderator hid may be shown by another one later.
GROUP = Machine(
    "group",
    "held",
    table("""
        held   > shown hidden
        shown  > hidden
        hidden > shown
    """),
)

#: States of a payment whose money came.
MONEY_CAME = frozenset({"settled", "partly_refunded", "refunded", "disputed", "lost"})
#: States of a refund whose money has left.
MONEY_LEFT = frozenset({"pending", "succeeded"})


def pledge_state(payments: list[str], otherwise: str) -> str:
    """Return a pledge's state from its payments' states; `otherwise` while no money moved."""
    for found, state in (
        ("settled", "paid"),
        ("partly_refunded", "paid"),
        ("disputed", "disputed"),
        ("refunded", "refunded"),
        ("lost", "lost"),
        ("processing", "processing"),
    ):
        if found in payments:
            return state
    return otherwise


#: States of a pledge whose donor may say something: its money came, or is on its way.
GAVE = frozenset({"processing", "paid", "refunded", "disputed"})
