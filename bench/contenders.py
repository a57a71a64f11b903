"""The contenders of ``bench.peers`` as running processes, and which of them are installed here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

ROOT = Path(__file__).resolve().parent.parent
FER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
NODE_PACKAGES = ROOT / ".bench-node"


@dataclass
class Contender:
    """A running process that answers photos; ``first_ms`` is from its start to the end of its first answer."""

    name: str
    command: list[str]
    process: subprocess.Popen[str] = field(init=False)
    start: dict[str, float] = field(init=False)
    first_ms: float = field(init=False)
    peak_mb: float = 0.0

    def begin(self, photo: Path) -> None:
        """Start the process and let it answer once."""
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [*self.command, self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._stdin, self._stdout = cast(IO[str], self.process.stdin), cast(IO[str], self.process.stdout)
        self.start = self._hear()
        self.ask(photo)
        self.first_ms = 1000 * (time.perf_counter() - began)

    def ask(self, photo: Path) -> dict[str, Any]:
        """One answer: ``ms``, ``boxes`` and, where the contender knows them, ``stages``."""
        self._stdin.write(f"{photo}\n")
        self._stdin.flush()
        answer = self._hear()
        self.peak_mb = max(self.peak_mb, answer["peak_mb"])
        return answer

    def end(self) -> None:
        """Close its input and wait."""
        self._stdin.close()
        self.process.wait(timeout=30)

    def _hear(self) -> dict[str, Any]:
        line = self._stdout.readline()
        if not line:
            raise RuntimeError(f"the contender {self.name} ended before it answered")
        return dict(json.loads(line))


def all_contenders() -> tuple[list[Contender], list[str]]:
    """Those that are installed, and a sentence for each that is not."""
    script = str(ROOT / "bench" / "contender.py")
    contenders = [Contender(name, [sys.executable, script]) for name in ("ours", "classic")]
    left_out = []
    if FER_PYTHON.exists():
        contenders.append(Contender("fer", [str(FER_PYTHON), script]))
    else:
        left_out.append("The fer package is left out: `make bench` sets up its environment.")
    node = shutil.which("node")
    if node and (NODE_PACKAGES / "node_modules").exists():
        command = [node, str(ROOT / "bench" / "node" / "contender.mjs"), str(NODE_PACKAGES)]
        contenders += [Contender(name, command) for name in ("face-api", "human")]
    else:
        why = "their packages are not installed (`make bench-node`)" if node else "there is no Node here"
        left_out.append(f"`face-api` and `human` are left out: {why}.")
    return contenders, left_out


def peer_versions() -> str:
    """The pinned versions of what is not installed beside this project."""
    pinned = json.loads((ROOT / "bench" / "node" / "package.json").read_text(encoding="utf-8"))[
        "dependencies"
    ]
    return ", ".join(("fer 25.10.3", *(f"{name} {version}" for name, version in pinned.items())))
