"""The audit of the dependencies: what is a finding, and that an index without advisories is not taken for a pass."""

from __future__ import annotations

import importlib.util
import json
import urllib.error
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
REPORT = {
    "dependencies": [
        {"name": "good", "version": "1.0", "vulns": []},
        {
            "name": "weak",
            "version": "0.12",
            "vulns": [{"id": "PYSEC-2018-66", "aliases": ["CVE-2018-1000656"], "fix_versions": ["0.12.3"]}],
        },
    ]
}


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", SCRIPTS / "audit_dependencies.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_weakness_is_a_finding(audit: ModuleType) -> None:
    assert audit.judge("r.txt", REPORT, {}) == ["r.txt: weak 0.12: PYSEC-2018-66, fixed in 0.12.3"]


@pytest.mark.parametrize("identifier", ["PYSEC-2018-66", "CVE-2018-1000656"])
def test_a_weakness_can_be_ignored_by_any_of_its_names(audit: ModuleType, identifier: str) -> None:
    assert audit.judge("r.txt", REPORT, {identifier: "the reason"}) == []


def test_a_package_that_the_index_does_not_know_is_a_finding(audit: ModuleType) -> None:
    report = {"dependencies": [{"name": "own", "skip_reason": "own (1.0) was not found"}]}
    assert audit.judge("r.txt", report, {}) == ["r.txt: own (1.0) was not found"]


def test_what_is_ignored_has_a_reason(audit: ModuleType) -> None:
    assert audit.read_ignored("# why\n\nCVE-1 only in its server\n") == {"CVE-1": "only in its server"}
    with pytest.raises(ValueError, match="CVE-1"):
        audit.read_ignored("CVE-1\n")
    audit.read_ignored((SCRIPTS / "audit-ignore.txt").read_text(encoding="utf-8"))


class Answer:
    """What an index says about a release that is known to be weak."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self) -> str:
        return self.text


def test_an_index_that_cannot_answer_is_said_to_be_so(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: Any, **__: Any) -> Answer:
        raise urllib.error.URLError("no route")

    monkeypatch.setattr("urllib.request.urlopen", missing)
    monkeypatch.delenv("AUDIT", raising=False)
    assert audit.main() == 0
    assert "audit: NOT DONE: " in capsys.readouterr().out
    monkeypatch.setenv("AUDIT", "required")
    assert audit.main() == 1
    assert "audit: NOT DONE: " in capsys.readouterr().out
    monkeypatch.setenv("AUDIT", "yes")
    assert audit.main() == 1, "a misspelled wish is no wish"
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: Answer('{"vulnerabilities": []}'))
    assert "keeps no advisories" in audit.why_not()
    monkeypatch.setattr(
        "urllib.request.urlopen", lambda *_, **__: Answer('{"vulnerabilities": [{"id": "PYSEC-1"}]}')
    )
    assert audit.why_not() == ""


@pytest.mark.parametrize("required", ["", "required"])
@pytest.mark.parametrize(("weak", "code"), [(False, 0), (True, 1)])
def test_findings_fail_and_their_absence_passes_required_or_not(
    audit: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    required: str,
    weak: bool,
    code: int,
) -> None:
    report = REPORT if weak else {"dependencies": REPORT["dependencies"][:1]}
    monkeypatch.setenv("AUDIT", required)
    monkeypatch.setattr(audit, "why_not", lambda: "")
    monkeypatch.setattr(
        audit.subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=json.dumps(report), stderr="")
    )
    assert audit.main() == code
    assert ("PYSEC-2018-66" if weak else "nothing known") in capsys.readouterr().out


def test_the_audit_is_required_where_the_index_gives_advisories() -> None:
    root = SCRIPTS.parent
    required = [
        path.relative_to(root).as_posix()
        for path in [*root.glob(".github/workflows/*"), root / "Makefile", root / ".ci" / "run"]
        if "AUDIT" in path.read_text(encoding="utf-8")
    ]
    assert required == [".github/workflows/ci.yml"]
