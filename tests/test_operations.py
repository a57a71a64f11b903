"""docs/operations.md lists every setting with the default and the meaning that the program has."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from webapp.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
TABLE = {
    name: (default, meaning)
    for name, default, meaning in re.findall(
        r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$", DOCUMENT, flags=re.MULTILINE
    )
}
SERVER = (ROOT / "gunicorn.conf.py").read_text(encoding="utf-8")
FIELDS = {field.metadata["variable"]: field for field in dataclasses.fields(Settings) if field.metadata}
# What the server's own file reads, but for what a platform sets.
SERVERS = set(re.findall(r'environ(?:\.get|\.setdefault)?[(\[, ]+"([A-Z_]+)"', SERVER)) - {
    "PROMETHEUS_MULTIPROC_DIR"
}


def test_the_table_lists_what_the_program_reads_and_nothing_else() -> None:
    assert set(TABLE) == set(FIELDS) | SERVERS


@pytest.mark.parametrize("name", FIELDS)
def test_default_and_meaning_are_the_programs(name: str) -> None:
    default, meaning = TABLE[name]
    field = FIELDS[name]
    assert meaning == field.metadata["help"]
    if value := re.fullmatch(r"`(.+)`", default):
        assert field.metadata["parse"](value.group(1)) == field.default
    else:
        # In words: none, any, all cores, as another setting.
        assert field.default in (None, (), False, dataclasses.MISSING)


@pytest.mark.parametrize("name", sorted(SERVERS - set(FIELDS)))
def test_the_default_is_the_servers(name: str) -> None:
    (default,) = re.findall(rf'environ\.get\("{name}", "(.*?)"\)', SERVER)
    assert TABLE[name][0] == f"`{default}`"


def test_the_old_names_are_listed() -> None:
    listed = dict(re.findall(r"^\| `([A-Z_]+)` \| `([A-Z_]+)` \|$", DOCUMENT, flags=re.MULTILINE))
    assert listed == {
        field.metadata["old"]: name for name, field in FIELDS.items() if field.metadata.get("old")
    }
