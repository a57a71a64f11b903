"""A pytest plugin for ``make test-long``: writes a table of the tests that were run, and of what they measured.

``pytest -p tests.helpers.long_table --table bench/LONG.md -m long``. A test's figures are what it gives to
``record_property``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

OUTCOMES = {"passed": "passed", "failed": "**failed**", "error": "**broke**", "skipped": "skipped"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the file's name."""
    parser.addoption("--table", type=Path, help="write a table of the tests and their figures to this file")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write the table once all is over."""
    target = config.getoption("--table")
    rows = [
        (report.nodeid, word, report.duration, report.user_properties)
        for outcome, word in OUTCOMES.items()
        for report in terminalreporter.stats.get(outcome, [])
    ]
    if target is None or not rows:
        return
    target.write_text(table(rows), encoding="utf-8")
    terminalreporter.write_line(f"{target} written")


def table(rows: list[tuple[str, str, float, list[tuple[str, object]]]]) -> str:
    """Return the file's text: a line for each test, with its result, seconds and figures."""
    lines = [
        "# What takes long",
        "",
        f"`make test-long` on {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f} at its end.",
        "",
        "| test | result | seconds | figures |",
        "|---|---|---|---|",
    ]
    for name, result, seconds, figures in sorted(rows):
        said = ", ".join(f"{what} {value}" for what, value in figures)
        shown = name.replace("|", "\\|")
        lines.append(f"| `{shown}` | {result} | {seconds:.0f} | {said} |")
    return "\n".join([*lines, ""])
