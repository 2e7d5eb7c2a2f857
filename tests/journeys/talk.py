"""Updates, comments and reports to look at: of each state one."""

import io

from PIL import Image

from ashar.kernel import db, media
from ashar.people.models import Person
from ashar.progress import comments, reports, services
from ashar.progress.access import Writer
from ashar.progress.comments import Author, Said
from ashar.progress.reports import Told
from ashar.progress.services import Draft
from ashar.projects import queries
from ashar.projects.models import Project
from tests.factories import make_person, make_pledge, pledge_of, settle

DUG = "The whole village dug.\n\n- 38 people\n- 4 days"
WORDS = (
    (
        {"ky": "Арык казылды", "en": "The canal is dug"},
        {"ky": "Бүт айыл **казды**. Рахмат!\n\n- 38 киши\n- 4 күн", "en": DUG},
    ),
    ({"ky": "Үрөн келди"}, {"ky": "Үч сорт үрөн алдык. " * 30}),
    ({"ky": "Суу өлчөгүч", "en": "The gauge"}, {"ky": "Азыр өлчөйбүз.", "en": "Now we measure."}),
    ({"ky": "Башталды", "en": "We begin"}, {"ky": "Бүгүн баштадык.", "en": "We began today."}),
)


def hang() -> dict[str, str]:
    """Put them in; return the address of each page by its name."""
    person = make_person("talk-leader", "leader")
    project = queries.by_slug("batken-dry-rice")
    assert project is not None
    row = project.id
    pledge, payment = make_pledge(row, "40.00", email=None)
    settle(payment)
    token = pledge_of(pledge).token
    with db.transaction() as session:
        project = session.get_one(Project, row)
        writer = Writer(project, session.get_one(Person, person), True)
        newest = _updates(writer)
        answered = _said(project, pledge, newest).token
        told = Told("report-attempt-0123", "misuse", "Сатылган.", "0700 123 456")
        report = reports.report(project, told).token
        update = newest.token
    return {
        "update": f"/projects/batken-dry-rice/updates/{update}",
        "comment-by-pledge": f"/pledges/{token}/comment",
        "comment-answer": f"/pledges/{token}/comment?answer={answered}",
        "report-update": f"/report?project=batken-dry-rice&update={update}",
        "report-status": f"/report/{report}",
    }


def _updates(writer: Writer) -> services.Update:
    for number, (title, text) in enumerate(reversed(WORDS)):
        made = services.write(writer, Draft("ky", title, text))
        if number % 2:
            services.add_picture(made, writer, media.encoded(_picture()), "Айыл арыкта", "Дүйшөмбү")
            services.add_picture(made, writer, media.encoded(_picture()), "Арык", "")
        services.publish(made, writer)
    return made


def _picture() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((800, 600)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def _said(project: Project, pledge: int, update: services.Update) -> comments.Comment:
    """Say all kinds of things; return a question that everybody sees."""
    leader, donor = Author(leads=True), Author(pledge=pledge)
    attempts = iter(f"attempt-{number:020}" for number in range(100))
    asked = comments.say(project, donor, Said(next(attempts), "Качан бүтөт?\nКүтөбүз!", "Айгүл"))
    comments._show(asked, None)
    comments.say(project, leader, Said(next(attempts), "Майда бүтөт.", "", None, asked))
    gone = comments.say(project, leader, Said(next(attempts), "Жок."))
    comments.hide(gone, "moderator", "Орой сөз.", None)
    for number in range(22):
        comments.say(project, leader, Said(next(attempts), f"Кат {number}"))
    comments.say(project, donor, Said(next(attempts), "Рахмат!", "", update))
    comments.say(project, donor, Said(next(attempts), "a@b.org"))
    return asked
