"""scripts/slug_size.py: what a slug holds, and what it weighs."""

from __future__ import annotations

import random
from pathlib import Path

from scripts import slug_size

ROOT = Path(__file__).resolve().parent.parent


def test_what_slugignore_names_is_left_out() -> None:
    names = ["docs/a.md", "model/docs/a.md", "model/x.keras", "model/x.onnx", "tests/a.py", "wsgi.py"]
    kept = slug_size.kept(names, ["*.keras", "/docs", "/tests"])
    assert kept == ["model/docs/a.md", "model/x.onnx", "wsgi.py"]


def test_this_trees_slug_serves_and_does_not_train() -> None:
    kept = slug_size.kept(slug_size.tracked(ROOT), (ROOT / ".slugignore").read_text("utf-8").split())
    folders = {name.split("/")[0] for name in kept}
    assert {"model", "webapp", "templates", "static", "Procfile", "requirements.txt"} <= folders
    assert not {"training", "tests", "docs", "bench", "scripts"} & folders


def test_a_part_weighs_what_its_gzipped_tar_does(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(random.Random(1).randbytes(100_000))
    (tmp_path / "zeros").write_bytes(bytes(100_000))
    part = slug_size.measured("both", tmp_path.iterdir())
    assert (part.files, part.raw) == (2, 200_000)
    assert 100_000 < part.packed < 110_000


def test_the_packages_are_those_of_the_site(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "# a comment\nmsgspec==0.1 \\\n    --hash=sha256:0\npywin32==1 ; sys_platform == 'nowhere' \\\n"
    )
    files = list(slug_size.installed(tmp_path / "requirements.txt"))
    assert any("msgspec" in path.parts for path in files)
    assert all("msgspec" in str(path) for path in files)
