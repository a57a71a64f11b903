"""docs/promises.md: every sentence that promises something stands where it says, and each of its tests exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.catalogue import KINDS

ROOT = Path(__file__).resolve().parent.parent
ATTACKS = ROOT / "docs" / "attacks.md"
PAGE = ROOT / "docs" / "promises.md"
ROW = re.compile(r"^\| (?P<sentence>.+?) \| (?P<tests>`tests/.+`|no test: .+) \|$")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
# In these parts every sentence is a promise, or says what it is instead.
WHOLE = {
    "SECURITY.md": ("What the site keeps", "How it is held"),
    "docs/operations.md": ("Checks", "What the log says", "Under load", "Memory"),
}
SENTENCE_ENDS = re.compile(r"(?<=[.!?;:])\s+(?=[A-Z`])")


def rows() -> dict[str, dict[str, str]]:
    """Return {file: {sentence: what holds it}}."""
    found: dict[str, dict[str, str]] = {}
    file = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"## `(.+)`", line):
            file = heading[1]
            found[file] = {}
        elif row := ROW.match(line):
            found[file][row["sentence"]] = row["tests"]
    return found


def flat(text: str) -> str:
    return " ".join(text.split())


def sentences(file: str) -> Iterator[str]:
    """Yield the sentences of the parts of a page in which every one is a promise."""
    text = (ROOT / file).read_text(encoding="utf-8")
    if file.endswith(".html"):
        for paragraph in re.findall(r"<p[^>]*>(.*?)</p>", text, re.DOTALL):
            yield from SENTENCE_ENDS.split(flat(paragraph))
        return
    for title in WHOLE.get(file, ()):
        part = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
        assert part, f"{file} has no part {title}"
        prose = re.sub(r"```.*?```", "", part[1], flags=re.DOTALL)
        for block in re.split(r"\n\n|\n(?=[-|])", prose):
            if block.startswith("|"):
                cell = block.strip("| \n").rpartition(" | ")[2]
                yield from [flat(cell)] if cell.strip("-| ") else []
            elif block.strip():
                yield from SENTENCE_ENDS.split(flat(block.strip().removeprefix("- ")))


ROWS = [(file, sentence, held) for file, those in rows().items() for sentence, held in those.items()]


def test_the_page_has_the_four_files() -> None:
    assert list(rows()) == ["SECURITY.md", "docs/operations.md", "templates/privacy.html", "README.md"]
    assert len(ROWS) > 60


@pytest.mark.parametrize(("file", "sentence", "held"), ROWS, ids=[sentence[:50] for _, sentence, _ in ROWS])
def test_a_promise_stands_in_its_file_and_its_tests_exist(file: str, sentence: str, held: str) -> None:
    assert flat(sentence) in flat((ROOT / file).read_text(encoding="utf-8"))
    tests = TEST.findall(held)
    assert tests or held.startswith("no test: "), held
    for path, name in tests:
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), (
            f"{path} has no {name}"
        )


def test_every_attack_that_once_worked_has_its_test() -> None:
    lines = [line for line in ATTACKS.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    assert len(lines) >= 13
    for line in lines:
        tests = TEST.findall(line)
        assert tests, line
        for path, name in tests:
            assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), name
        assert set(re.findall(r"fuzz kind `(.+?)`", line)) <= set(KINDS), line


@pytest.mark.parametrize("file", [*WHOLE, "templates/privacy.html"])
def test_no_sentence_is_left_out_where_every_one_is_a_promise(file: str) -> None:
    listed = [flat(sentence) for sentence in rows()[file]]
    missing = [
        sentence
        for sentence in sentences(file)
        if not any(sentence in one or one in sentence for one in listed)
    ]
    assert missing == []
