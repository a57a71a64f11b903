"""The style sheets of a result that is saved as one HTML file."""

from __future__ import annotations

import functools
import re

from webapp.settings import current_settings

STYLES = ("site", "expressions", "results", "sheet")


@functools.cache
def saved_styles() -> str:
    """Return the style sheets of a saved page, without the font, which is a file of its own."""
    folder = current_settings.static
    sheets = ("vendor/pico/pico.fluid.classless.min.css", *(f"css/{name}.css" for name in STYLES))
    text = "\n".join((folder / name).read_text(encoding="utf-8") for name in sheets)
    return re.sub(r"@font-face\s*\{[^}]*\}", "", text).replace("</", "<\\/")
