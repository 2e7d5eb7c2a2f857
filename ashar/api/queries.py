"""What the API needs of listed projects beyond their cards: one query, however many there are."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from ashar.kernel.db import session
from ashar.projects.models import Need


def needs(ids: Sequence[int]) -> Mapping[int, list[Row[*tuple[Any, ...]]]]:
    """Return the needs per project, in order."""
    found: dict[int, list[Row[*tuple[Any, ...]]]] = {row: [] for row in ids}
    for need in session.execute(
        select(Need.project_id, Need.kind, Need.unit, Need.needed, Need.offered, Need.delivered)
        .where(Need.project_id.in_(ids))
        .order_by(Need.position)
    ):
        found[need.project_id].append(need)
    return found
