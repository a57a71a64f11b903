"""Every configuration end to end: one epoch on a tiny data set gives a saved model that classifies a photo."""

import dataclasses
import json
import shutil
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest

from model import Recognizer
from model.classifier import Classifier
from model.store.files import SAVED
from model.types import BandGeometry
from tests.helpers import photos as faces_photos
from tests.training import tiny
from training.configs.schema import InputConfig, NetworkConfig
from training.configs.systems import CONFIGURATIONS, FIVE
from training.data.fer2013 import load_fer2013
from training.evaluate import main as evaluate
from training.export.export import export, write_files
from training.export.metadata import Provenance
from training.export.parity import ROUNDING_TOLERANCE, ExportError, check_parity, onnx_probabilities
from training.network.build import build_network
from training.reports.predict import CachedPredictor
from training.reports.report import build_report
from training.train import main, parse

KINDS = ("upper_face", "landmarks", "colour")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("fer2013")
    tiny.write_images(root, training=5, tests=3)
    tiny.write_votes(root)
    tiny.write_parts(root)
    return root


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Where the saved models go, with the networks that finding a face and its points needs."""
    folder = tmp_path_factory.mktemp("out")
    for name in ("mtcnn", "face_mesh"):
        (folder / "saved").mkdir(exist_ok=True)
        shutil.copytree(SAVED / name, folder / "saved" / name)
    return folder


def inputs_of(data):
    return [
        "--data",
        str(data),
        "--landmarks",
        str(data / "landmarks.npz"),
        "--meshes",
        str(data / "meshes.npz"),
    ]


@pytest.fixture(scope="module", params=KINDS)
def trained(request, data, out):
    """One run of a system as a user would start it, in this process; returns its name and folder."""
    name = request.param
    policy = keras.mixed_precision.dtype_policy()
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        # Keras, TensorFlow and tf2onnx use what NumPy will not offer for ever.
        warnings.simplefilter("ignore")
        patch.setitem(CONFIGURATIONS, name, tiny.shrunk(name))
        places = {key: str(out / key) for key in ("runs", "plots", "masks")}
        options = [f"--{key}={place}" for key, place in places.items()]
        options += ["--out", str(out / "saved"), "--votes", str(data / "votes.csv"), "--configuration", name]
        assert main([*inputs_of(data), *options]) == 0
    keras.mixed_precision.set_dtype_policy(policy)
    return name, out / "saved" / name


@pytest.mark.slow
def test_the_saved_model_reads_a_photo(trained):
    name, directory = trained
    recognizer = Recognizer.load(name, root=directory.parent, threads=1)
    (face,) = recognizer.analyze(faces_photos.portrait()).faces
    described = CONFIGURATIONS[name].input
    assert face.prediction.labels == CONFIGURATIONS[name].classes
    assert face.network_input.shape == (described.height, described.width)
    assert (face.band is not None) == (name == "upper_face")
    assert (face.mesh is not None) == (name == "landmarks")


@pytest.mark.slow
def test_the_metadata_says_what_it_reads_and_what_was_missing(trained):
    name, directory = trained
    raw = json.loads((directory / "metadata.json").read_text(encoding="utf-8"))
    missing = {"Training": 1, "PublicTest": 1, "PrivateTest": 1}
    assert raw["input"]["color"] == ("gray" if name == "upper_face" else "rgb")
    if name == "upper_face":
        assert Classifier.load(directory).metadata.band == BandGeometry()
        assert raw["data"]["without_landmarks"] == missing
        assert raw["data"]["masked_copies"] == {"Training": 2, "PublicTest": 1, "PrivateTest": 1}
        assert "under a drawn mask" in raw["description"]
    if name == "landmarks":
        assert raw["input"]["points"] == 468
        assert len(raw["points"]["mean"]) == len(raw["points"]["std"]) == 1404
        assert raw["data"]["without_points"] == missing
    if name == "colour":
        assert raw["labels"] == list(FIVE)
        assert "three equal channels" in raw["description"]
        assert "without_points" not in raw["data"]
    assert "Attention" not in raw["description"]


@pytest.mark.slow
def test_masked_faces_are_measured_beside_the_same_uncovered_ones(trained):
    name, directory = trained
    whole = json.loads((directory / "report.json").read_text(encoding="utf-8"))
    report = whole["truths"]["fer2013"]
    # The five labels that every system knows: a model of five is judged on them anyway.
    assert whole["five_labels"]["PrivateTest"]["images"] == 15
    if len(CONFIGURATIONS[name].classes) == 5:
        for split, figures in whole["five_labels"].items():
            assert all(
                figures[key] == report[split][key] for key in ("accuracy", "accuracy_interval", "macro_f1")
            )
    for split in ("PublicTest", "PrivateTest", "test"):
        assert (f"{split}_masked" in report) == (name == "upper_face")
    if name == "upper_face":
        assert report["PrivateTest_masked"]["images"] == report["PrivateTest"]["images"] == 15
        assert report["PrivateTest_masked"]["nll"] != report["PrivateTest"]["nll"]


@pytest.mark.slow
def test_each_fact_is_written_once(trained):
    _, directory = trained
    assert {path.name for path in directory.iterdir()} == {
        "model.keras",
        "model.onnx",
        "metadata.json",
        "report.json",
        "history.csv",
    }
    assert "metrics" not in json.loads((directory / "metadata.json").read_text(encoding="utf-8"))
    assert len((directory / "report.json").read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.slow
def test_export_classifies_each_image_once_and_writes_each_file_once(data, tmp_path, monkeypatch):
    config = tiny.shrunk("colour")
    config = dataclasses.replace(config, input=InputConfig(), labels="fer2013")
    images = load_fer2013(data).of_classes(FIVE)
    classified: list[bytes] = []
    written: list[str] = []
    classify, write_text = Classifier.classify, Path.write_text

    def counted(self, inputs, *more):
        classified.extend(image.tobytes() for image in inputs)
        return classify(self, inputs, *more)

    def noted(self, *content, **options):
        written.append(self.name)
        return write_text(self, *content, **options)

    monkeypatch.setattr(Classifier, "classify", counted)
    monkeypatch.setattr(Classifier, "load", None)  # Nothing is read back from disk.
    monkeypatch.setattr(Path, "write_text", noted)
    history = [{"epoch": 0.0, "val_accuracy": 0.5, "seconds": 1.0}]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = build_network(config.network, config.input, len(FIVE))
        exported = export(network, images, Provenance(config, history, "1.0.0", "a test"), tmp_path)
    assert sorted(written) == ["metadata.json", "report.json"]
    assert len(classified) == len(images.public_test) + len(images.private_test) == len(set(classified))
    assert (tmp_path / "metadata.json").read_text(encoding="utf-8").count('"temperature"') == 1

    # The one pass gives what the finished file gives: temperature and threshold are arithmetic on its logits.
    monkeypatch.undo()
    classifier = Classifier.load(tmp_path)
    again = build_report(CachedPredictor(classifier), images)
    assert again == exported.report
    assert classifier.metadata.temperature != 1


@pytest.mark.slow
def test_the_saved_figures_come_out_of_the_file(trained, data, out, monkeypatch, capsys):
    name, directory = trained
    monkeypatch.setattr("training.evaluate.SAVED", directory.parent)
    options = ["--model", name, "--masks", str(out / "masks"), "--json"]
    assert evaluate([*inputs_of(data), *options]) == 0
    assert "PrivateTest" in json.loads(capsys.readouterr().out)
    # Any model can be asked how it does on masked faces, beside those that learned on them.
    assert evaluate([*inputs_of(data), *options, "--masked"]) == 0
    assert json.loads(capsys.readouterr().out)["PrivateTest_masked"]["images"] in (15, 21)


def test_a_system_is_saved_under_its_own_name():
    assert parse(["--data", "x"]).name == "attention_cnn"
    assert parse(["--data", "x", "--configuration", "deep"]).name == "deep"
    assert parse(["--data", "x", "--configuration", "deep", "--name", "mine"]).name == "mine"


@pytest.mark.parametrize(
    ("system", "command"),
    [
        ("upper_face", "training.data.landmarks"),
        ("whole_face_upper_bound", "training.data.landmarks"),
        ("landmarks", "training.data.meshes"),
    ],
)
def test_what_is_missing_names_the_command_that_makes_it(system, command, data, tmp_path, capsys):
    options = ["--data", str(data), "--configuration", system, "--votes", str(data / "votes.csv")]
    options += ["--landmarks", str(tmp_path / "none.npz"), "--meshes", str(tmp_path / "none.npz")]
    assert main(options) == 2
    said = capsys.readouterr().err
    assert f"the configuration {system} needs" in said
    assert f"python -m {command} --data" in said


@pytest.mark.slow
def test_the_network_is_stored_in_16_bits_and_a_wrong_file_is_refused(tmp_path, monkeypatch):
    network = NetworkConfig(widths=(16, 32), convolutions=(1, 1), attention=False, flatten=True, dense=(128,))
    model = build_network(network)
    pixels = np.random.default_rng(1).integers(0, 256, (8, 48, 48, 1)).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert write_files(model, InputConfig(), tmp_path, pixels) == "float16"
        kept = keras.saving.load_model(tmp_path / "model.keras")
    assert (tmp_path / "model.onnx").stat().st_size < 0.55 * 4 * model.count_params()
    given = onnx_probabilities(tmp_path / "model.onnx", pixels)
    for one in (model, kept):
        assert 0 < np.abs(keras.ops.convert_to_numpy(one(pixels)) - given).max() <= ROUNDING_TOLERANCE
    with pytest.raises(ExportError, match="differ by"):
        check_parity(tmp_path / "model.onnx", pixels, given[::-1], ROUNDING_TOLERANCE)

    # Where 16 bits are not enough, the weights keep 32.
    monkeypatch.setattr("training.export.parity.ROUNDING_TOLERANCE", 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert write_files(model, InputConfig(), tmp_path, pixels) == "float32"
    assert (tmp_path / "model.onnx").stat().st_size > 4 * 0.95 * model.count_params()
