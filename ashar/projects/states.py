"""The life of a project."""

from ashar.kernel.states import Machine, table

PROJECT = Machine(
    "project",
    "draft",
    table("""
        draft             > submitted cancelled
        submitted         > changes_requested published rejected cancelled
        changes_requested > submitted cancelled
        published         > funded closed suspended cancelled
        funded            > in_progress closed suspended cancelled
        closed            > in_progress suspended cancelled
        in_progress       > completed suspended cancelled
        completed         >
        rejected          >
        suspended         > published funded closed in_progress cancelled
        cancelled         >
    """),
)

#: States in which everybody sees a project.
PUBLIC = ("published", "funded", "closed", "in_progress", "completed", "suspended", "cancelled")
#: States that the listing shows when it is asked for none.
LISTED = ("published", "funded", "closed", "in_progress", "completed")
