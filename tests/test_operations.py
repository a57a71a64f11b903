"""docs/operations.md lists every setting with the default that the program has."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from webapp.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
TABLE = dict(
    re.findall(
        r"^\| `([A-Z_]+)` \| (.+?) \| .+ \|$",
        (ROOT / "docs/operations.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
)
SERVER = (ROOT / "gunicorn.conf.py").read_text(encoding="utf-8")
READ = set(
    re.findall(
        r'environ(?:\.get|\.setdefault)?[(\[, ]+"([A-Z_]+)"',
        (ROOT / "webapp/settings.py").read_text(encoding="utf-8") + SERVER,
    )
)
# Set by the platform, by Flask or by gunicorn.conf.py itself.
NOT_SETTINGS = {"DYNO", "FLASK_DEBUG", "PROMETHEUS_MULTIPROC_DIR"}
SECRET = {"SECRET_KEY": "x"}


def test_the_table_lists_what_the_program_reads_and_nothing_else() -> None:
    assert set(TABLE) == READ - NOT_SETTINGS


@pytest.mark.parametrize(("name", "default"), TABLE.items())
def test_the_default_is_the_programs(name: str, default: str) -> None:
    value = re.fullmatch(r"`(.+)`", default)
    if value is None:
        # In words: none, any, all cores, as another setting. What there is without it is then tested elsewhere.
        assert f'"{name}"' not in re.findall(r'environ\.get\(("[A-Z_]+"), "', SERVER)
        return
    if (in_server := re.search(rf'environ\.get\("{name}", "(.*)"\)', SERVER)) is not None:
        assert in_server.group(1) == value.group(1)
        return
    given = Settings.from_environ(SECRET | {name: value.group(1)})
    assert dataclasses.asdict(given) == dataclasses.asdict(Settings.from_environ(SECRET))
