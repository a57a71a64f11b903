"""The table of a fuzzing run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.fuzz.catalogue import KINDS
from tests.fuzz.judge import Answer
from tests.helpers.multipart import Case

SHOWN_FAULTS = 20


@dataclass(slots=True)
class Row:
    """What came of one kind: statuses, the slowest answer, the highest memory."""

    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    peak: float = 0.0


@dataclass(slots=True)
class Tally:
    """A run: how many cases of which seed, the memory before the first, and what was found."""

    cases: int
    seed: int
    memory_before: float = 0.0
    seconds: float = 0.0
    rows: dict[str, Row] = field(default_factory=lambda: {kind: Row() for kind in KINDS})
    faults: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # Lines of the server's log at the level ERROR.
    waits: list[float] = field(default_factory=list)  # Seconds that the bystander waited for each photo.
    turned_away: list[str] = field(default_factory=list)  # What it was answered instead of 200.

    def add(self, number: int, case: Case, answer: Answer, peak: float) -> None:
        """Count one answer; ``peak`` is the process's highest memory while it was made, in megabytes."""
        row = self.rows[case.kind]
        row.statuses[answer.status] += 1
        row.slowest = max(row.slowest, answer.milliseconds)
        row.peak = max(row.peak, peak)
        if answer.fault:
            self.faults.append(f"case {number} ({case.kind}): {answer.fault}")


def to_markdown(tally: Tally) -> str:
    """Return the run as a page: the sums, a table by kind, and what was wrong."""
    statuses: Counter[int] = sum((row.statuses for row in tally.rows.values()), Counter())
    rows = [row for row in tally.rows.items() if row[1].statuses]
    errors = sum(count for status, count in statuses.items() if status >= 500 or status == 0)
    peak = max(row.peak for _, row in rows)
    lines = [
        "# Bad input",
        "",
        "Generated requests sent to the site under gunicorn, half of them behind a proxy, each answer judged: its",
        "status, a reason in words where it is refused, the security headers, no markup of the sender's. Meanwhile",
        "twelve uploads trickle, forty connections say nothing, and a bystander sends an ordinary photo every second.",
        "Made by",
        f"`python -m tests.fuzz --cases {tally.cases} --seed {tally.seed}`; `--only NUMBER` repeats one of them.",
        "",
        f"- {tally.cases:,} requests in {tally.seconds / 60:.1f} minutes, {len(tally.faults)} answered wrongly, "
        f"{errors} with a 5xx or not at all.",
        f"- Memory of the worker: {tally.memory_before:.0f} MB before, {peak:.0f} MB at the highest.",
        f"- The bystander sent {len(tally.waits)} photos, of which {len(tally.turned_away)} were not read, and waited "
        f"{max(tally.waits, default=0):.1f} s for the slowest answer.",
        f"- Files written: {len(tally.written)}. Errors in the log: {len(tally.errors)}.",
        "",
        "| Kind | Cases | Statuses | Slowest, ms | Peak memory, MB |",
        "|---|---:|---|---:|---:|",
        *(_line(KINDS[kind].title, row) for kind, row in rows),
        _line("**all**", Row(statuses, max(row.slowest for _, row in rows), peak)),
    ]
    if tally.faults:
        lines += ["", "## Wrong", "", *(f"- {fault}" for fault in tally.faults[:SHOWN_FAULTS])]
    if tally.turned_away:
        lines += ["", "## Turned away", "", *(f"- {answer}" for answer in tally.turned_away[:SHOWN_FAULTS])]
    if tally.errors:
        lines += ["", "## Errors", "", *(f"- {line[:300]}" for line in tally.errors[:SHOWN_FAULTS])]
    if tally.written:
        lines += ["", "## Written", "", *(f"- {path}" for path in tally.written[:SHOWN_FAULTS])]
    return "\n".join(lines) + "\n"


def _line(title: str, row: Row) -> str:
    each = ", ".join(f"{status}: {count}" for status, count in sorted(row.statuses.items()))
    return f"| {title} | {row.statuses.total()} | {each} | {row.slowest:.0f} | {row.peak:.0f} |"
