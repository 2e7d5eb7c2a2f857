"""Everything that is held of somebody, as one archive: JSON for machines, a CSV for each table."""

import csv
import io
import json
import zipfile
from datetime import date, datetime
from typing import Any

from ashar.kernel import clock
from ashar.people import privacy
from ashar.people.privacy import Subject

#: Beginnings that a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def archive(subject: Subject) -> bytes:
    """Return the archive of all that is held of somebody."""
    found = privacy.export(subject)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        whole = {"exported_at": clock.now(), **found}
        made.writestr("data.json", json.dumps(whole, default=_plain, ensure_ascii=False, indent=1))
        for name, rows in found.items():
            made.writestr(f"{name}.csv", _csv(rows))
    return out.getvalue()


def _csv(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    written = csv.DictWriter(out, columns, lineterminator="\r\n")
    written.writeheader()
    for row in rows:
        written.writerow({name: _cell(value) for name, value in row.items()})
    # The mark tells spreadsheets that it is UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    text = str(_plain(value)) if isinstance(value, date) else str(value)
    return "'" + text if isinstance(value, str) and text.startswith(FORMULA) else text


def _plain(value: Any) -> str:
    """Write what JSON has no form for; raise TypeError for what nobody thought of."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in an export")
