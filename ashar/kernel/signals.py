"""Signals that a host may listen to: sent after the commit, at least once, with frozen facts.

`sender` is the Flask app. Every fact is a plain value (ids, texts, decimal strings), never a row
of the database. A receiver that raises is logged and the signal is sent again later, so that a
receiver has to bear hearing a fact twice; `fact` is the same both times.
"""

from blinker import Namespace

_space = Namespace()

#: A project, or a change of one, was sent to review. Facts: project (slug), version (number).
project_submitted = _space.signal("project_submitted")
#: A reviewer asks the leader for changes. Facts: project (slug), case (id), revision.
changes_requested = _space.signal("changes_requested")
#: A project was turned down. Facts: project (slug), case (id), revision.
project_rejected = _space.signal("project_rejected")
#: A change of a published project was approved and is shown. Facts: project, case, revision.
change_approved = _space.signal("change_approved")
#: A change was turned down, or a small one taken back. Facts: project, case, revision.
change_rejected = _space.signal("change_rejected")
#: Something waits for moderators, or has come to more of them. Facts: case (id), kind, level.
case_opened = _space.signal("case_opened")
#: A project took a step of its life that needs no review. Facts: project (slug), old, new (states).
project_moved = _space.signal("project_moved")
#: A project was suspended. Facts: project (slug), hold (id).
project_suspended = _space.signal("project_suspended")
#: A suspension was lifted. Facts: project (slug), hold (id).
project_resumed = _space.signal("project_resumed")
#: An appeal against a suspension was turned down. Facts: project (slug), hold (id).
appeal_rejected = _space.signal("appeal_rejected")
#: A project was cancelled after its publication. Facts: project (slug).
project_cancelled = _space.signal("project_cancelled")
#: A project's completion report was approved. Facts: project (slug).
project_completed = _space.signal("project_completed")
#: Somebody was invited to help a project's leader. Facts: project (slug), helper (id).
helper_invited = _space.signal("helper_invited")
#: Somebody applied to become a leader. Facts: application (token), person (id).
leader_applied = _space.signal("leader_applied")
#: An administrator made an applicant a leader. Facts: application (token), person (id).
leader_granted = _space.signal("leader_granted")
#: An administrator declined an application. Facts: application (token), person (id).
leader_refused = _space.signal("leader_refused")
#: A project became visible to everybody. Facts: project (slug).
project_published = _space.signal("project_published")
#: A project's goal was reached for the first time. Facts: project (slug).
project_funded = _space.signal("project_funded")
#: A project's leader published an update. Facts: project (slug), update (token).
update_posted = _space.signal("update_posted")
#: A comment became visible to everybody. Facts: project (slug), comment (id).
comment_posted = _space.signal("comment_posted")
#: A comment was answered, and the answer is visible. Facts: project (slug), comment, answer (ids).
comment_answered = _space.signal("comment_answered")
#: Somebody reported an irregularity. Facts: project (slug), report (id); never who it was.
report_opened = _space.signal("report_opened")
#: Moderators decided on a report. Facts: project (slug), report (id), outcome (founded, unfounded).
report_decided = _space.signal("report_decided")
#: A donor pledged; no money has come yet. Facts: pledge (id), project (slug).
pledge_made = _space.signal("pledge_made")
#: The donor's bank has begun a debit that takes days; nothing is settled yet. Facts: pledge,
#: payment (ids), project.
pledge_processing = _space.signal("pledge_processing")
#: A donor changed how a pledge names them, its words or its group. Facts: pledge (id), project
#: (slug).
pledge_changed = _space.signal("pledge_changed")
#: Somebody had their data erased; a host may then delete its user. Facts: person (the id that `who`
#: gave, empty for a donor without an account).
person_erased = _space.signal("person_erased")
#: Money of a pledge was settled. Facts: pledge, payment (ids), project, amount, currency.
pledge_paid = _space.signal("pledge_paid")
#: A payment failed; the donor may try again. Facts: pledge, payment (ids), project; of a monthly
#: gift also renewal (true) and again (ISO instant of the next try, or empty).
pledge_failed = _space.signal("pledge_failed")
#: A refund reached the donor's bank. Facts: pledge, payment, refund (ids), project, amount,
#: currency.
pledge_refunded = _space.signal("pledge_refunded")
#: A donor's bank takes money back and asks for reasons. Facts: pledge, payment, dispute (ids),
#: project.
pledge_disputed = _space.signal("pledge_disputed")
#: A donor was told how to transfer a gift. Facts: pledge, payment (ids), project. For Ashar's own
#: letters.
transfer_told = _space.signal("transfer_told")
#: A transfer has not come yet and its donor is reminded. Facts: pledge, payment (ids), project,
#: number (1, 2). For Ashar's own letters.
transfer_due = _space.signal("transfer_due")
#: A monthly gift began; its first money may still be on its way. Facts: subscription, pledge (ids),
#: project.
subscription_started = _space.signal("subscription_started")
#: A monthly gift ended and is charged no more. Facts: subscription, pledge (ids), project, by
#: (donor, project, failed, provider).
subscription_ended = _space.signal("subscription_ended")
#: A monthly gift's project will take no gifts any more, or takes none: its donor is asked to choose
#: another or to stop. Facts: subscription, pledge (ids), project, day (ISO date of the answer's
#: end). For Ashar's own letters.
subscription_asked = _space.signal("subscription_asked")
#: The card of a monthly gift runs out before its next charge. Facts: subscription, pledge (ids),
#: project, day (ISO date). For Ashar's own letters.
card_expiring = _space.signal("card_expiring")
#: A direct debit of a monthly gift follows in three days. Facts: subscription, pledge (ids),
#: project, day (ISO date). For Ashar's own letters.
debit_due = _space.signal("debit_due")
#: Money came when its project took no more gifts, and the donor is asked what to do with it; a
#: letter with a one-use key goes to the pledge's own address. Facts: pledge, payment (ids),
#: project, nonce, purpose. For Ashar's own letters.
late_money = _space.signal("late_money")
#: A pledge went to another project than it was made for. Facts: pledge, payment (ids), project (the
#: new one).
pledge_moved = _space.signal("pledge_moved")
#: Gifts of a threshold project that missed its minimum have to go back, and the provider's balance
#: lacks money for it. Facts: project (slug), campaign (id).
campaign_short = _space.signal("campaign_short")
#: A donor was told how to hand cash over or send money to the partner. Facts: pledge, payment
#: (ids), project. For Ashar's own letters.
cash_told = _space.signal("cash_told")
#: A collector wrote a slip for a gift in cash. Facts: pledge, payment (ids), project, slip
#: (number). For Ashar's own letters.
cash_taken = _space.signal("cash_taken")
#: A pledge ran out unpaid. Facts: pledge (id), project.
pledge_expired = _space.signal("pledge_expired")
#: A refund that was on its way came back. Facts: pledge, payment, refund (ids), project.
refund_failed = _space.signal("refund_failed")
#: Somebody offered hands or things, or stands on a paper list. Facts: offer, pledge (ids), project.
offer_made = _space.signal("offer_made")
#: The leader accepted an offer, whole or in part, or set another day. Facts: offer, pledge (ids),
#: project.
offer_accepted = _space.signal("offer_accepted")
#: The leader declined an offer. Facts: offer, pledge (ids), project.
offer_declined = _space.signal("offer_declined")
#: An offer was taken back by its giver. Facts: offer, pledge (ids), project.
offer_withdrawn = _space.signal("offer_withdrawn")
#: The leader says that something of an offer came; told again when they put it right. Facts:
#: offer, pledge (ids), project.
offer_delivered = _space.signal("offer_delivered")
#: Somebody else than the leader confirmed what came. Facts: offer, pledge (ids), project.
offer_confirmed = _space.signal("offer_confirmed")
#: Somebody who holds an offer's link wants to change or confirm it; a letter with a one-use key
#: goes to the offer's own address. Facts: pledge (id), purpose, nonce. For Ashar's own letters.
offer_key = _space.signal("offer_key")
#: A receipt for the tax office was given out for a payment. Facts: pledge, receipt (ids), number,
#: nonce (for the letter).
receipt_issued = _space.signal("receipt_issued")
#: A donor's gifts of a year were confirmed together. Facts: pledge, receipt (ids), number, nonce
#: (for the letter).
statement_issued = _space.signal("statement_issued")
#: A receipt was taken back by a cancelling one. Facts: pledge, receipt (id of the cancelling one),
#: number, nonce (for the letter).
receipt_cancelled = _space.signal("receipt_cancelled")
#: Money is owed to a donor who is asked where to, by a letter with a one-use key. Facts: pledge,
#: payment, refund (ids), project, nonce. For Ashar's own letters.
refund_owed = _space.signal("refund_owed")
#: A refund that was ordered is not made. Facts: pledge, payment, refund (ids), project.
refund_withdrawn = _space.signal("refund_withdrawn")
#: A transfer that was entered by mistake was taken back. Facts: pledge, payment, refund (ids),
#: project. For Ashar's own letters.
transfer_undone = _space.signal("transfer_undone")
#: An administrator changed an entry of a list: a theme, a target, a corridor, a limit. Facts: kind,
#: code.
term_changed = _space.signal("term_changed")
#: Nobody has looked at a corridor of payment for half a year; told once for each day that it was
#: due on. Facts: country, due (ISO date, empty for one that was never looked at).
corridor_unchecked = _space.signal("corridor_unchecked")
#: Somebody who holds a pledge's link wants to change it; a letter with a one-use key goes to the
#: pledge's own address. Facts: pledge (id), purpose, nonce. For Ashar's own letters.
pledge_key = _space.signal("pledge_key")

#: Somebody wants to see what was given from an address; a letter with a one-use link goes to it.
#: Facts: nonce. For Ashar's own letters.
donor_link = _space.signal("donor_link")

SIGNALS = dict(_space)
