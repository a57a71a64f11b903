"""File names: fit to be shown, to be sent in a header, and to stand in a spreadsheet."""

from __future__ import annotations

import re
import unicodedata

NAME_LENGTH = 80


def safe_name(name: str | None) -> str:
    """Return a file name fit to be shown: no folders, no control or direction characters, at most 80 long.

    Escaping for HTML is left to the template.
    """
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    # Categories C…: control, format (such as the marks that turn "gpj.exe" around), unassigned.
    shown = "".join(letter for letter in last if not unicodedata.category(letter).startswith("C")).strip()
    if len(shown) > NAME_LENGTH:
        half = NAME_LENGTH // 2
        shown = f"{shown[: half - 1]}…{shown[-half:]}"
    return shown or "photo"


def harmless(name: str) -> str:
    """Return a name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@")) else name


def plain_name(name: str) -> str:
    """Return a photo's name without its ending as letters, digits, "-" and "_" of ASCII, at most 40 of them."""
    stem = name.rpartition(".")[0] or name
    ascii_only = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Za-z0-9_-]+", "-", ascii_only).strip("-")[:40] or "photo"
