"""`python -m model` as a process: pipes, terminals, file names, available models."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import skimage.data
from PIL import Image

from model.recognizer import DEFAULT_MODEL

ROOT = Path(__file__).parents[2]
LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


def program(*arguments, folder=ROOT, **options):
    return subprocess.run(
        [sys.executable, "-m", "model", *map(str, arguments)], cwd=folder, capture_output=True, **options
    )


@pytest.fixture(scope="module")
def portrait(tmp_path_factory):
    path = tmp_path_factory.mktemp("portrait") / "Astronautin – é.png"
    Image.fromarray(skimage.data.astronaut()).save(path)
    return path


def test_program_reads_a_portrait(portrait, tmp_path):
    done = program("--format", "json", "--stages", tmp_path, portrait, tmp_path / "nothing.jpg")
    assert done.returncode == 1
    assert done.stderr.startswith(b"1 photo read, 1 face, 1 could not be read; ")
    read, missing = json.loads(done.stdout.decode("utf-8"))
    assert read["photo"] == str(portrait)
    assert (read["width"], read["height"]) == (512, 512)
    assert read["model"]["name"] == DEFAULT_MODEL
    (face,) = read["faces"]
    assert face["emotion"] in LABELS
    assert tuple(face["probabilities"]) == LABELS
    assert sum(face["probabilities"].values()) == pytest.approx(1.0, abs=1e-5)
    x, y, width, height = face["box"]
    assert x < 225 < x + width  # her nose
    assert y < 115 < y + height
    assert list(missing) == ["photo", "error"]
    (folder,) = tmp_path.iterdir()
    assert len(list(folder.iterdir())) == 5


def test_program_reads_standard_input(portrait):
    done = program("-", input=portrait.read_bytes())
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("utf-8").startswith("-: 512 × 512 pixels, 1 face, ")


def test_program_prints_utf_8_whatever_the_terminal(portrait):
    environment = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"}
    done = program("--format", "csv", portrait, env=environment)
    assert done.returncode == 0, done.stderr
    (row,) = csv.DictReader(io.StringIO(done.stdout.decode("utf-8")))
    assert row["photo"] == str(portrait)


def test_program_copes_with_a_name_that_is_no_text(tmp_path):
    path = tmp_path.joinpath("r\udcff.png")
    Image.new("RGB", (80, 60), "gray").save(path)
    done = program("--format", "json", path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["photo"] == str(path)


def test_program_is_quiet_when_its_reader_has_enough(portrait):
    command = f'"{sys.executable}" -m model --format csv "$1" "$1" "$1" "$1" | head -n 1'
    done = subprocess.run(["sh", "-c", command, "sh", str(portrait)], cwd=ROOT, capture_output=True)
    assert done.stdout.startswith(b"photo,face,x,y,")
    assert done.stderr == b""


def test_program_knows_its_version():
    done = program("--version")
    assert done.returncode == 0
    name, version = done.stdout.decode().split()
    metadata = json.loads(
        (ROOT / "model/saved" / DEFAULT_MODEL / "metadata.json").read_text(encoding="utf-8")
    )
    assert (name, version) == (DEFAULT_MODEL, metadata["version"])


@pytest.mark.parametrize("name", ["nothing", "mtcnn", "../saved", ""])
def test_program_lists_the_models_there_are(name):
    done = program("--model", name, "photo.jpg")
    assert done.returncode == 2
    assert b"available: attention_cnn" in done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""


def test_program_lets_haar_find_the_face_and_all_models_read_it():
    portrait = ROOT / "static/samples/astronaut.jpg"
    done = program("--detector", "haar", "--model", "all", "--format", "json", str(portrait))
    assert done.returncode == 0
    results = json.loads(done.stdout)
    assert results[0]["model"]["name"] == DEFAULT_MODEL
    assert len({result["model"]["name"] for result in results}) == len(results)
    for result in results:
        (face,) = result["faces"]
        assert face["landmarks"] == {}
        assert face["box"] == results[0]["faces"][0]["box"]


# --- saved models that are damaged -------------------------------------------------------------------------


def link_or_copy(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


@pytest.fixture
def clone(tmp_path):
    """A copy of the package in a folder of its own; a test that damages a file removes the link to it first."""
    ignored = shutil.ignore_patterns("*.keras", "__pycache__")
    shutil.copytree(ROOT / "model", tmp_path / "model", copy_function=link_or_copy, ignore=ignored)
    return tmp_path


def damage(path):
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        (lambda saved: shutil.rmtree(saved / "face_mesh"), ["--model", "landmarks"], "face_mesh"),
        (lambda saved: damage(saved / "deep/model.onnx"), ["--model", "all"], "sha256 differs"),
        (lambda saved: damage(saved / DEFAULT_MODEL / "model.onnx"), [], "sha256 differs"),
        (lambda saved: damage(saved / "mtcnn/onet.onnx"), [], "sha256 differs"),
    ],
)
def test_a_damaged_model_is_one_sentence_and_exit_code_2(clone, change, options, words):
    change(clone / "model/saved")
    done = program(*options, "--format", "csv", ROOT / "static/samples/astronaut.jpg", folder=clone)
    assert done.returncode == 2
    assert done.stdout == b""
    assert words in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert len(done.stderr.decode().splitlines()) == 1


def test_an_older_metadata_schema_names_the_command_that_upgrades_it(clone):
    path = clone / "model/saved" / DEFAULT_MODEL / "metadata.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    path.write_text(json.dumps(document | {"schema_version": 2}), encoding="utf-8")
    done = program("photo.jpg", folder=clone)
    assert done.returncode == 2
    assert "`python -m training.export.upgrade` upgrades it" in done.stderr.decode()
    assert b"Traceback" not in done.stderr
