"""Where the folders that travel with the package are, in a checkout and in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
# In a wheel the folders lie inside the package; in a checkout beside it.
HOME = PACKAGE if (PACKAGE / "templates").is_dir() else PACKAGE.parent

TEMPLATES = HOME / "templates"
STATIC = HOME / "static"
MIGRATIONS = HOME / "migrations"
TRANSLATIONS = HOME / "translations"
