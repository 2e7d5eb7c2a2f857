"""The tables of states of pledges, their payments, refunds, disputes and all that hangs on them.

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

MATCH = Machine(
    "match",
    "reserved",
    table("""
        reserved > booked released
        released > reserved booked
        booked   > released
    """),
)

#: What an offer is; its pledge is open meanwhile, and cancelled once it is declined or withdrawn.
OFFER = Machine(
    "offer",
    "offered",
    table("""
        offered   > accepted declined withdrawn
        accepted  > delivered missed declined withdrawn
        delivered > confirmed missed
        missed    > accepted delivered
        confirmed >
        declined  >
        withdrawn >
    """),
)
#: Kinds of pledges that are no money: an offer each, of one of the project's needs.
OFFERED = ("labour", "materials", "skills", "transport")

SUBSCRIPTION = Machine(
    "subscription",
    "active",
    table("""
        active   > past_due paused ended
        past_due > active paused ended
        paused   > active past_due ended
        ended    >
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

SLIP = Machine(
    "slip",
    "written",
    table("""
        written   > handed_in void
        handed_in > written counted
        counted   >
        void      >
    """),
)

HAND_IN = Machine(
    "hand-in",
    "declared",
    table("""
        declared > counted returned
        counted  >
        returned >
    """),
)

#: Told by the donor, recorded by the partner's clerk, confirmed by a treasurer.
REMITTANCE = Machine(
    "remittance",
    "told",
    table("""
        told      > recorded refused
        recorded  > confirmed refused
        confirmed >
        refused   >
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

#: States of a refund of which nothing more is to be done.
OVER = frozenset({"succeeded", "failed", "cancelled"})

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
