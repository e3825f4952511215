"""Files and names that a power cut does not take back."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def replace_durably(path: Path, text: str) -> None:
    """Writes a file aside and renames it: whoever reads finds the old one or the new one, whole.

    When it returns, the new one is there after a power cut too.
    """
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    with scratch.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Makes new names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
