"""Who hears of comments, answers and reports, and who never does."""

from tests.mailbox import Mailbox
from tests.progress.conftest import Village


def told(mailbox: Mailbox, words: str) -> list[str]:
    """Return who got a letter whose subject or text holds some words."""
    return sorted(one.recipient for one in mailbox.letters if words in one.subject + one.text)


def test_a_leader_hears_of_a_comment_once_everybody_sees_it(
    village: Village, mailbox: Mailbox
) -> None:
    village.say(village.as_("aida"), "What a fine canal!")
    assert told(mailbox, "Somebody has written a comment") == []
    village.decide("batken", "comment", "approve")
    assert told(mailbox, "Somebody has written a comment") == ["leader@example.org"]


def test_who_wrote_hears_of_the_answer_and_the_leader_not_of_their_own(
    village: Village, mailbox: Mailbox
) -> None:
    village.say(village.as_("aida"), "Who dug it?")
    village.decide("batken", "comment", "approve")
    with village.site.app_context():
        [asked] = village.comments()
        path = f"/projects/dry-rice/comment?answer={asked.token}"
    village.say(village.as_("leader"), "All of us.", path)
    assert told(mailbox, "has answered what you wrote") == ["aida@example.org"]
    assert len(told(mailbox, "Somebody has written a comment")) == 1


def test_only_who_reported_is_told_of_the_report_beside_who_decides(
    village: Village, mailbox: Mailbox
) -> None:
    village.report(village.as_(None), contact="witness@example.org")
    village.decide("batken", "report", "approve", words="We spoke to the village.")
    heard = {one.recipient for one in mailbox.letters}
    assert heard == {
        "witness@example.org",
        "batken@example.org",
        "second@example.org",
        "admin@example.org",
    }
    [received, decided] = [one for one in mailbox.letters if one.recipient.startswith("witness")]
    assert "/report/" in received.text and "/report/" in decided.text


def test_a_telephone_number_is_not_written_to(village: Village, mailbox: Mailbox) -> None:
    village.report(village.as_(None), contact="+996 700 12 34 56")
    assert all("@" in one.recipient for one in mailbox.letters)
