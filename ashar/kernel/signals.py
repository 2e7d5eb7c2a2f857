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
#: Money of a pledge was settled. Facts: pledge, payment (ids), project, amount, currency.
pledge_paid = _space.signal("pledge_paid")
#: A payment failed; the donor may try again. Facts: pledge, payment (ids), project.
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
#: A pledge ran out unpaid. Facts: pledge (id), project.
pledge_expired = _space.signal("pledge_expired")
#: A refund that was on its way came back. Facts: pledge, payment, refund (ids), project.
refund_failed = _space.signal("refund_failed")
#: A receipt for the tax office was given out for a payment. Facts: pledge, receipt (ids), number,
#: nonce (for the letter).
receipt_issued = _space.signal("receipt_issued")
#: A donor's gifts of a year were confirmed together. Facts: pledge, receipt (ids), number, nonce
#: (for the letter).
statement_issued = _space.signal("statement_issued")
#: A receipt was taken back by a cancelling one. Facts: pledge, receipt (id of the cancelling one),
#: number, nonce (for the letter).
receipt_cancelled = _space.signal("receipt_cancelled")
#: An administrator changed an entry of a list: a theme, a target, a corridor, a limit. Facts: kind,
#: code.
term_changed = _space.signal("term_changed")
#: Nobody has looked at a corridor of payment for half a year; told once for each day that it was
#: due on. Facts: country, due (ISO date, empty for one that was never looked at).
corridor_unchecked = _space.signal("corridor_unchecked")
#: Somebody who holds a pledge's link wants to change it; a letter with a one-use key goes to the
#: pledge's own address. Facts: pledge (id), purpose, nonce. For Ashar's own letters.
pledge_key = _space.signal("pledge_key")

SIGNALS = dict(_space)
