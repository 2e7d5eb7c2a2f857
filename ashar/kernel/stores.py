"""Where the files of pictures lie."""

from pathlib import Path
from typing import Protocol


class Store(Protocol):
    """Where files lie."""

    def put(self, name: str, data: bytes) -> None:
        """Keep a file under a name."""

    def get(self, name: str) -> bytes | None:
        """Return a file, or None."""

    def drop(self, name: str) -> None:
        """Delete a file, if it is there."""


class FolderStore:
    """Files in one folder; a name is a token and a width, never a path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, data: bytes) -> None:
        """Write the file whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / (name + ".part")
        part.write_bytes(data)
        part.replace(self._folder / name)

    def get(self, name: str) -> bytes | None:
        """Read a file of this folder."""
        path = self._folder / Path(name).name
        return path.read_bytes() if path.is_file() else None

    def drop(self, name: str) -> None:
        """Delete a file of this folder."""
        (self._folder / Path(name).name).unlink(missing_ok=True)
