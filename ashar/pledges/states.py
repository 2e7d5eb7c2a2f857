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

#: A threshold project's campaign: `short` waits for money that the provider's balance lacks.
CAMPAIGN = Machine(
    "campaign",
    "collecting",
    table("""
        collecting > ended missed
        ended      >
        missed     > short running
        short      > running
        running    > done
        done       > running
    """),
)

#: What becomes of money that a project cannot use. What was done is undone by a refund that fails.
DISPOSITION = Machine(
    "disposition",
    "parked",
    table("""
        parked  > asked decided done
        asked   > parked decided done
        decided > ordered done stuck
        ordered > decided done stuck
        stuck   > decided done
        done    > decided
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
