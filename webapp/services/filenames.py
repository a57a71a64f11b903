"""Sanitize file names for pages, HTTP headers and spreadsheets."""

from __future__ import annotations

import re
import unicodedata

NAME_LENGTH = 80
LOOKED_AT = 1000  # Characters of a longer name, half from its beginning and half from its end.


def safe_name(name: str | None) -> str:
    """Return a file name to show: no folders, no control or direction characters, at most 80 characters.

    Escaping for HTML is left to the template.
    """
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    if len(last) > LOOKED_AT:
        last = last[: LOOKED_AT // 2] + last[-LOOKED_AT // 2 :]
    # Categories C…: control, format (such as right-to-left overrides), unassigned.
    shown = "".join(letter for letter in last if not unicodedata.category(letter).startswith("C")).strip()
    if len(shown) > NAME_LENGTH:
        half = NAME_LENGTH // 2
        shown = f"{shown[: half - 1]}…{shown[-half:]}"
    return shown or "photo"


def harmless(name: str) -> str:
    """Return a name that no spreadsheet reads as a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@")) else name


def plain_name(name: str) -> str:
    """Return the stem of a photo's name in ASCII letters, digits, "-" and "_", at most 40 characters."""
    stem = name.rpartition(".")[0] or name
    ascii_only = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Za-z0-9_-]+", "-", ascii_only).strip("-")[:40] or "photo"
