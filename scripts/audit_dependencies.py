"""Look every pinned package up in the index's list of vulnerabilities: ``python -m scripts.audit_dependencies``.

``make check`` runs it. pip-audit asks the package index about each exact version. Not every index can answer: a
mirror may have the packages but not the advisories, and then reports nothing. So an old release with published
vulnerabilities is queried first; if the index does not know them, the audit prints "audit: NOT DONE" and why. With
``AUDIT=required`` in the environment that is a failure, else it passes. Exit code 1 for findings that
``scripts/audit-ignore.txt`` does not list with a reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
IGNORED = HERE / "audit-ignore.txt"
# Published in 2018 (CVE-2018-1000656), so every index that keeps advisories has it.
KNOWN_TO_BE_WEAK = "https://pypi.org/pypi/flask/0.12/json"
SECONDS = 15


def main() -> int:
    """Return 0 without findings, 1 for findings; where the index has no advisories, 1 if the audit is required."""
    required = os.environ.get("AUDIT", "")
    if required not in ("", "required"):
        print(f"audit: AUDIT may be “required” or nothing, not {required!r}")
        return 1
    if reason := why_not():
        print(f"audit: NOT DONE: {reason}")
        return 1 if required else 0
    ignored = read_ignored(IGNORED.read_text(encoding="utf-8"))
    findings: list[str] = []
    for name in REQUIREMENTS:
        command = [
            "-m",
            "pip_audit",
            "--no-deps",
            "--progress-spinner",
            "off",
            "--format",
            "json",
            "-r",
            name,
        ]
        done = subprocess.run(  # noqa: S603  # a fixed command of our own
            [sys.executable, *command], cwd=HERE.parent, capture_output=True, text=True, check=False
        )
        if not done.stdout.startswith("{"):
            print(f"audit: pip-audit failed on {name}:\n{done.stderr}")
            return 1
        findings += judge(name, json.loads(done.stdout), ignored)
    print("\n".join(findings) or f"audit: nothing known against {' and '.join(REQUIREMENTS)}")
    return 1 if findings else 0


def why_not() -> str:
    """Return why the index cannot be asked, or an empty text where it can."""
    try:
        with urllib.request.urlopen(KNOWN_TO_BE_WEAK, timeout=SECONDS) as answer:  # a fixed https address
            known = json.load(answer).get("vulnerabilities")
    except (OSError, ValueError) as error:
        return f"pypi.org does not give out its advisories here ({error})"
    return "" if known else "this package index keeps no advisories (it knows none about Flask 0.12)"


def read_ignored(text: str) -> dict[str, str]:
    """Return identifier → reason from lines "identifier reason"; raises ValueError for one without a reason."""
    ignored = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            identifier, _, reason = line.strip().partition(" ")
            if not reason:
                raise ValueError(f"{identifier} is ignored without a reason")
            ignored[identifier] = reason
    return ignored


def judge(name: str, report: Mapping[str, Any], ignored: Mapping[str, str]) -> list[str]:
    """Return a line for each finding that is not ignored, and for each package that could not be looked up."""
    lines = []
    for package in report["dependencies"]:
        if "skip_reason" in package:
            lines.append(f"{name}: {package['skip_reason']}")
        for weakness in package.get("vulns", ()):
            if not ignored.keys() & {weakness["id"], *weakness["aliases"]}:
                fixed = ", ".join(weakness["fix_versions"]) or "no version yet"
                lines.append(
                    f"{name}: {package['name']} {package['version']}: {weakness['id']}, fixed in {fixed}"
                )
    return lines


if __name__ == "__main__":
    sys.exit(main())
