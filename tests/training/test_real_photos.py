"""Real photos: every layout, counts, intervals, and error messages for what is missing."""

import csv
import dataclasses
import hashlib
import json
import shutil
import zipfile

import numpy as np
import pytest

from model.recognizer import Recognizer
from model.store.files import SAVED
from tests.helpers.covered_model import save_with_covered
from tests.helpers.photos import portrait
from tests.training.real_photos import write_photos
from training import real_photos
from training.data import real_photos as source
from training.data.formats import DatasetError
from training.data.real_photos import covered_votes, fingerprint, known_photos, read_real_photos
from training.real_photos import main
from training.reports.photo_figures import Answers, calibration, covered_figures, difference, photo_figures

NAMES = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
EMPTY = np.full((120, 120, 3), 90, np.uint8)


def answers_of(rows, threshold=0.6):
    """Answers from (label, answer or None, confidence) rows."""
    probabilities = np.zeros((len(rows), 7), np.float32)
    for place, (_, answer, confidence) in enumerate(rows):
        if answer is not None:
            probabilities[place] = (1 - confidence) / 6
            probabilities[place, NAMES.index(answer)] = confidence
    return Answers(
        probabilities=probabilities,
        found=np.array([answer is not None for _, answer, _ in rows]),
        labels=np.array([NAMES.index(label) for label, _, _ in rows]),
        names=NAMES,
        threshold=threshold,
    )


@pytest.fixture
def answers():
    """Ten smiles, nine read; four calm faces, one read, one taken for angry, one not found, one sad."""
    smiles = [("happy", "happy", 0.9)] * 9 + [("happy", "neutral", 0.5)]
    calm = [
        ("neutral", "neutral", 0.7),
        ("neutral", "angry", 0.8),
        ("neutral", None, 0),
        ("neutral", "sad", 0.4),
    ]
    return answers_of([*smiles, *calm])


def test_figures_are_counted_by_hand(answers):
    figures = photo_figures(answers)
    assert figures["photos"] == 14
    assert figures["faces_found"] == 13
    assert figures["accuracy"]["value"] == pytest.approx(10 / 14, abs=1e-4)
    assert figures["mean_recall"]["value"] == pytest.approx((0.9 + 0.25) / 2, abs=1e-4)
    assert figures["as_they_come"]["value"] == pytest.approx((42 * 0.9 + 51 * 0.25) / 93, abs=1e-4)
    assert figures["recall"]["neutral"]["value"] == 0.25
    assert figures["recall"]["neutral"]["photos"] == 4
    assert figures["confusion"]["neutral"]["no face"] == 1
    assert figures["confusion"]["neutral"]["angry"] == 1
    assert sum(figures["confusion"]["happy"].values()) == 10
    assert set(figures["recall"]) == {"happy", "neutral"}
    assert figures["sure"]["coverage"]["value"] == pytest.approx(11 / 14, abs=1e-4)
    assert figures["sure"]["right"]["value"] == pytest.approx(10 / 11, abs=1e-4)
    json.dumps(figures, allow_nan=False)


def test_intervals_hold_the_figure_and_are_as_wide_as_theory_says():
    rng = np.random.default_rng(3)
    rows = [("happy", "happy" if rng.random() < 0.7 else "sad", 0.8) for _ in range(400)]
    figures = photo_figures(answers_of(rows))
    low, high = figures["accuracy"]["interval"]
    share = figures["accuracy"]["value"]
    assert low < share < high
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(share * (1 - share) / 400), rel=0.1)


def test_a_network_that_is_as_sure_as_it_is_right_lies_in_the_range_and_an_overconfident_one_does_not():
    rng = np.random.default_rng(5)
    confidence = rng.uniform(0.4, 0.95, 600)
    honest = answers_of([("happy", "happy" if rng.random() < c else "sad", c) for c in confidence])
    boast = answers_of([("happy", "happy" if rng.random() < 0.5 else "sad", 0.9) for _ in confidence])
    for of, within in ((honest, True), (boast, False)):
        found = calibration(of.probabilities, of.labels)
        low, high = found["range_if_perfect"]
        assert (low <= found["ece"] <= high) is within
    assert len(found["bins"]) == 10


def test_the_difference_is_paired(answers):
    same = difference(answers, answers)
    assert same["accuracy"] == {"value": 0, "interval": [0, 0]}
    better = dataclasses.replace(
        answers, probabilities=np.eye(7, dtype=np.float32)[answers.labels], found=np.ones(14, bool)
    )
    found = difference(answers, better)
    assert found["mean_recall"]["value"] == pytest.approx(1 - 0.575)
    assert found["mean_recall"]["interval"][0] > 0


def test_a_model_that_finds_no_face_at_all_is_measured_too():
    figures = photo_figures(answers_of([("happy", None, 0)] * 3))
    assert figures["accuracy"]["value"] == 0
    assert figures["calibration"]["ece"] is None
    assert figures["nll"] == {"value": None, "interval": None}
    assert figures["sure"]["right"]["value"] is None


def test_false_alarms_are_counted_on_photos_found_uncovered_twice(answers):
    covered = np.linspace(0, 1, 14).astype(np.float32)
    votes = np.array([0] * 10 + [2, 1, 2, -1])
    found = covered_figures(dataclasses.replace(answers, covered=covered), votes, 0.5)
    assert found == {"threshold": 0.5, "uncovered": 10, "false_alarms": 3, "covered": 1, "recognised": 1}


def test_folder_zip_and_clone_hold_the_same_photos(tmp_path, monkeypatch):
    other = portrait()[:, ::-1].copy()
    folder = write_photos(
        tmp_path / "mine",
        {"report/happy/001.jpg": portrait(), "report/Neutral/002.jpg": other, "select/sad/003.jpg": EMPTY},
    )
    photos = read_real_photos(folder, "report")
    assert [photo.label for photo in photos] == ["happy", "neutral"]
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for path in sorted(folder.rglob("*.jpg")):
            archive.write(path, path.relative_to(folder))
    assert fingerprint(read_real_photos(tmp_path / "mine.zip", "report")) == fingerprint(photos)

    clone = tmp_path / "clone"
    (clone / "images").mkdir(parents=True)
    (clone / "data").mkdir()
    (clone / "data" / "legend.csv").write_text(
        "user.id,image,emotion\n628,a.jpg,HAPPINESS\n628,b.jpg,anger\n"
    )
    shutil.copy(folder / "report" / "happy" / "001.jpg", clone / "images" / "a.jpg")
    shutil.copy(folder / "report" / "Neutral" / "002.jpg", clone / "images" / "b.jpg")
    shutil.copy(folder / "report" / "Neutral" / "002.jpg", clone / "images" / "twice.jpg")
    with (tmp_path / "known.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sha256", "split", "label", "number"])
        writer.writerows([photo.sha256, "report", photo.label, "001"] for photo in photos)
    monkeypatch.setattr(source, "known_photos", lambda: known_photos(tmp_path / "known.csv"))
    assert fingerprint(read_real_photos(clone, "report")) == fingerprint(photos)
    with pytest.raises(DatasetError, match="no photo of the split “select”"):
        read_real_photos(clone, "select")


def test_the_committed_lists_fit_each_other():
    known = known_photos()
    assert len(known) == 531
    assert all(len(digest) == 64 for digest in known)
    places = {(k.split, k.label, k.number) for k in known.values()}
    assert len(places) == 531
    votes = covered_votes()
    assert set(votes) <= places
    assert set(votes.values()) <= {1, 2}
    assert votes["select", "happy", "001"] == 0


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda root: root / "nowhere", "Make a folder of photos sorted by what they show"),
        (lambda root: write_photos(root, {"report/bored/1.jpg": EMPTY}), "none of the expressions"),
        (lambda root: write_photos(root, {"other/happy/1.jpg": EMPTY}), "no photo of the split “report”"),
        (lambda root: _text(root / "report" / "happy" / "1.jpg").parents[2], "cannot be read"),
        (lambda root: _text(root / "photos.zip"), "neither a folder nor a complete zip"),
    ],
)
def test_what_cannot_be_measured_is_said(tmp_path, capsys, make, said):
    assert main([str(make(tmp_path))]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def _text(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("no picture", encoding="utf-8")
    return path


def test_an_unknown_model_and_one_of_fewer_labels_are_refused(tmp_path, capsys):
    folder = write_photos(tmp_path, {"report/disgust/1.jpg": portrait()})
    assert main([str(folder), "--model", "no_such_model"]) == 2
    assert "no model “no_such_model”" in capsys.readouterr().err
    assert main([str(folder), "--model", "colour"]) == 2
    assert "colour does not know disgust" in capsys.readouterr().err


def test_the_command_prints_writes_and_compares(tmp_path, monkeypatch, capsys):
    saved = tmp_path / "saved"
    for name in ("attention_cnn", "deep"):
        shutil.copytree(SAVED / name, saved / name)
    monkeypatch.setattr(real_photos, "SAVED", saved)
    folder = write_photos(
        tmp_path / "mine", {"report/happy/1.jpg": portrait(), "report/neutral/2.jpg": EMPTY}
    )
    options = ["--model", "attention_cnn", "--against", "deep", "--write"]
    assert main([str(folder), *options]) == 0
    printed = capsys.readouterr()
    assert (
        "attention_cnn on report: 2 photos (one person labelled each photo), a face found in 1" in printed.out
    )
    assert "less deep" in printed.out
    written = json.loads((saved / "attention_cnn" / "report.json").read_text(encoding="utf-8"))
    figures = written["real_photos"]
    assert (figures["split"], figures["photos"], figures["faces_found"]) == ("report", 2, 1)
    assert figures["recall"]["neutral"]["value"] == 0
    assert len(figures["fingerprint"]) == 64
    assert "deep" in figures["against"]
    assert "truths" in written
    other = json.loads((saved / "deep" / "report.json").read_text(encoding="utf-8"))
    assert "real_photos" not in other
    (saved / "attention_cnn" / "report.json").unlink()
    assert main([str(folder), *options]) == 2
    assert "training.evaluate" in capsys.readouterr().err


def test_a_model_that_tells_covered_faces_has_its_false_alarms_counted(tmp_path, monkeypatch, capsys):
    save_with_covered(tmp_path / "saved" / "attention_cnn_votes")
    shutil.copytree(SAVED / "mtcnn", tmp_path / "saved" / "mtcnn")
    folder = write_photos(tmp_path / "mine", {"report/happy/1.jpg": portrait()})
    digest = hashlib.sha256((folder / "report/happy/1.jpg").read_bytes()).hexdigest()
    known = {digest: source.Known("report", "happy", "002")}
    monkeypatch.setattr(real_photos, "known_photos", lambda: known)
    monkeypatch.setattr(real_photos, "Recognizer", _from(tmp_path / "saved", Recognizer))
    assert main([str(folder), "--model", "attention_cnn_votes"]) == 0
    assert "false alarms on 1 photos found uncovered by eye" in capsys.readouterr().out


def _from(root, recognizer):
    class Loader:
        """The recognizer, loaded from another folder."""

        @staticmethod
        def load(name):
            return recognizer.load(name, root=root)

    return Loader


def test_a_model_is_not_set_against_itself_by_its_former_name(tmp_path, capsys):
    folder = write_photos(tmp_path / "mine", {"report/happy/1.jpg": portrait()})
    assert main([str(folder), "--against", "attention_cnn_votes"]) == 0
    assert "less attention_cnn_votes" not in capsys.readouterr().out
    assert main([str(folder), "--against", "attention_cnn"]) == 0
    assert "less attention_cnn:" in capsys.readouterr().out
