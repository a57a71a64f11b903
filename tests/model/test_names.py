"""Former names of models: they answer for one more release, and say so."""

import json
import shutil

import pytest

from model import ModelRegistry, Recognizer
from model.cli import Models, main
from model.recognizer import DEFAULT_MODEL, FORMER_NAMES
from model.store.files import SAVED

FORMER = "attention_cnn_votes"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The detector, and the single-label network under the default's name; no model has the former one."""
    folder = tmp_path_factory.mktemp("saved")
    shutil.copytree(SAVED / "mtcnn", folder / "mtcnn")
    shutil.copytree(SAVED / "attention_cnn", folder / DEFAULT_MODEL, ignore=shutil.ignore_patterns("*.keras"))
    path = folder / DEFAULT_MODEL / "metadata.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"name": DEFAULT_MODEL, "target": "ferplus"}))
    return folder


def test_the_default_answers_to_its_former_name(root, caplog):
    assert FORMER_NAMES[FORMER] == DEFAULT_MODEL == "attention_cnn_people"
    assert Recognizer.load(FORMER, root=root).metadata.name == DEFAULT_MODEL
    assert "attention_cnn_votes is called attention_cnn_people now" in caplog.text
    caplog.clear()
    models = ModelRegistry.load(FORMER, root=root, threads=1)
    assert models.names == (DEFAULT_MODEL,)
    assert caplog.text.count("is called") == 1
    assert models.get(FORMER) is models.default
    assert models.metadata(FORMER).name == DEFAULT_MODEL


def test_its_own_name_is_not_warned_about(root, caplog):
    assert Recognizer.load(root=root).metadata.name == DEFAULT_MODEL
    assert caplog.text == ""


def test_a_model_still_saved_by_that_name_is_meant_itself(root, tmp_path, caplog):
    shutil.copytree(root, tmp_path / "saved")
    shutil.copytree(tmp_path / "saved" / DEFAULT_MODEL, tmp_path / "saved" / FORMER)
    path = tmp_path / "saved" / FORMER / "metadata.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"name": FORMER}))
    assert Recognizer.load(FORMER, root=tmp_path / "saved").metadata.name == FORMER
    assert caplog.text == ""


def test_an_answer_says_which_model_gave_it_and_what_it_is_of(root, portrait_jpeg):
    identity = Recognizer.load(root=root).analyze(portrait_jpeg).model
    assert (identity.name, identity.target) == (DEFAULT_MODEL, "people_votes")
    label = Recognizer.load("attention_cnn", root=SAVED).analyze(portrait_jpeg)
    assert label.model.target == label.faces[0].prediction.target == "label"


def test_the_command_line_says_so_on_standard_error(root, portrait_jpeg, tmp_path, capsys):
    photo = tmp_path / "me.jpg"
    photo.write_bytes(portrait_jpeg)
    arguments = ["--model", FORMER, "--format", "json", str(photo)]
    assert main(arguments, loader=lambda name, detector: Models(name, detector, root)) == 0
    printed = capsys.readouterr()
    assert "attention_cnn_votes is called attention_cnn_people now" in printed.err
    (result,) = json.loads(printed.out)
    assert result["model"]["name"] == DEFAULT_MODEL
    assert result["model"]["target"] == "people_votes"
    assert result["faces"][0]["covered"] is None
