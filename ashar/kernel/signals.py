"""Signals that a host may listen to: sent after the commit, at least once, with frozen facts.

`sender` is the Flask app. Every fact is a plain value (ids, texts, decimal strings), never a row
of the database. A receiver that raises is logged and the signal is sent again later, so that a
receiver has to bear hearing a fact twice; `fact` is the same both times.
"""

from blinker import Namespace

_space = Namespace()

#: A project became visible to everybody. Facts: project (slug).
project_published = _space.signal("project_published")
#: A project's goal was reached for the first time. Facts: project (slug).
project_funded = _space.signal("project_funded")
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
#: A pledge ran out unpaid. Facts: pledge (id), project.
pledge_expired = _space.signal("pledge_expired")
#: A refund that was on its way came back. Facts: pledge, payment, refund (ids), project.
refund_failed = _space.signal("refund_failed")
#: Somebody applied to become a leader. Facts: application (token), person (id).
leader_applied = _space.signal("leader_applied")
#: An administrator made an applicant a leader. Facts: application (token), person (id).
leader_granted = _space.signal("leader_granted")
#: An administrator declined an application. Facts: application (token), person (id).
leader_refused = _space.signal("leader_refused")
#: Somebody who holds a pledge's link wants to change it; a letter with a one-use key goes to the
#: pledge's own address. Facts: pledge (id), purpose, nonce. For Ashar's own letters.
pledge_key = _space.signal("pledge_key")

SIGNALS = dict(_space)
