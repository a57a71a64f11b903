"""scripts/slug_size.py: what a slug holds, and what it weighs."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import slug_size

ROOT = Path(__file__).resolve().parent.parent


def test_what_slugignore_names_is_left_out() -> None:
    names = ["docs/a.md", "model/docs/a.md", "model/x.keras", "model/x.onnx", "model/y/x.onnx", "tests/a.py"]
    kept = slug_size.kept(names, ["*.keras", "/docs", "/tests", "/model/y"])
    assert kept == ["model/docs/a.md", "model/x.onnx"]


def test_this_trees_slug_serves_and_does_not_train() -> None:
    kept = slug_size.kept(slug_size.tracked(ROOT), (ROOT / ".slugignore").read_text("utf-8").split())
    folders = {name.split("/")[0] for name in kept}
    assert {"model", "webapp", "templates", "static", "Procfile", "requirements.txt"} <= folders
    assert not {"training", "tests", "docs", "bench", "scripts"} & folders


BROWSE = """
import re
from webapp import create_app
from webapp.settings import Settings

client = create_app(Settings(secret_key="for-tests", rate_limit=None)).test_client()
seen, ahead = set(), ["/", "/compare", "/model"]
while ahead:
    address = ahead.pop()
    seen.add(address)
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == 200, (address, answer.status)
    if answer.mimetype == "text/html":
        links = re.findall(r'(?:href|src)="(/[^"#]*)', answer.text)
        ahead += [link for link in set(links) if link not in seen and link not in ahead]
print(len(seen))
"""


@pytest.mark.slow
def test_a_dyno_serves_every_page_without_what_is_left_out(tmp_path: Path) -> None:
    for name in slug_size.kept(slug_size.tracked(ROOT), (ROOT / ".slugignore").read_text("utf-8").split()):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    walk = subprocess.run(
        [sys.executable, "-c", BROWSE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert walk.returncode == 0, walk.stderr
    assert int(walk.stdout) > 20, "pages, pictures, scripts and styles"


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
