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
        paid       > open refunded disputed lost
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
        settled         > partly_refunded refunded disputed lost mistaken
        partly_refunded > settled refunded disputed lost
        refunded        > settled partly_refunded disputed lost
        disputed        > settled partly_refunded refunded lost
        lost            >
        mistaken        >
    """),
)

#: The provider's go from ordered to succeeded or failed. By a bank, or in cash: `owed` until it is
#: known where to, `to_approve` by a second person, `ready` to be paid, `in_file` that the bank has.
#: What a bank sends back is owed again.
REFUND = Machine(
    "refund",
    "ordered",
    table("""
        ordered    > pending succeeded failed
        pending    > succeeded failed
        succeeded  > failed owed
        failed     >
        owed       > to_approve ready cancelled
        to_approve > owed ready succeeded cancelled
        ready      > in_file succeeded cancelled
        in_file    > succeeded owed
        cancelled  >
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

#: States of a payment whose money came.
MONEY_CAME = frozenset({"settled", "partly_refunded", "refunded", "disputed", "lost"})
#: States of a dispute that takes, or has taken, the money.
DISPUTED = frozenset({"open", "lost"})
#: States of a provider's refund whose money has left.
MONEY_LEFT = frozenset({"pending", "succeeded"})
#: States of a refund that is owed, and may still turn out not to be.
PROMISED = frozenset({"owed", "to_approve", "ready"})
#: States of a refund that takes from what may still be given back.
LIVE = frozenset({"ordered", "in_file"}) | MONEY_LEFT | PROMISED

WARNING = Machine(
    "fraud-warning",
    "open",
    table("""
        open      > refunded dismissed
        refunded  >
        dismissed >
    """),
)


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
