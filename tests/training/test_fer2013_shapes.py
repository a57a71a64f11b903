"""FER-2013 as people have it: from Windows, from Macs, from spreadsheets, packed, renamed, damaged."""

import csv
import io
import zipfile

import cv2
import numpy as np
import pytest

from training.configs.schema import LABELS
from training.data.fer2013 import load_fer2013
from training.data.ferplus import ANSWERS, read_votes
from training.data.formats import CSV_LABELS, DatasetError

RNG = np.random.default_rng(3)
ROWS = [
    (number, RNG.integers(0, 256, (48, 48), np.uint8), split)
    for split in ("Training", "PublicTest", "PrivateTest")
    for number in range(7)
]
COLUMNS = ("emotion", "pixels", "Usage")
APPLE_DOUBLE = b"\0\5\x16\7" + bytes(80)


def spaced(image):
    return " ".join(str(value) for value in image.ravel())


def table(columns=COLUMNS, separator=",", end="\n", quoting=csv.QUOTE_MINIMAL, pixels=spaced, emotion=str):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerow(columns)
    for number, image, split in ROWS:
        values = {"emotion": emotion(number), "pixels": pixels(image), "usage": split}
        writer.writerow([values[column.strip().lower()] for column in columns])
    return text.getvalue()


def with_index(text):
    head, *rows = text.splitlines()
    return "\n".join([f",{head}", *(f"{number},{row}" for number, row in enumerate(rows))])


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    path = tmp_path_factory.mktemp("plain") / "fer2013.csv"
    path.write_text(table())
    data = load_fer2013(path)
    image = next(image for number, image, split in ROWS if (number, split) == (3, "Training"))
    assert np.array_equal(
        data.training.images[list(data.training.labels).index(LABELS.index("happy"))], image
    )
    return data.fingerprint


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (table(), "utf-8-sig"),
        (table(), "utf-16"),
        (table(end="\r\n"), "utf-8"),
        (table(separator=";"), "utf-8"),
        (table(separator="\t"), "utf-8"),
        (table(quoting=csv.QUOTE_ALL), "utf-8"),
        (table(("emotion", " Usage", " pixels")), "utf-8"),
        (table(("Emotion", "Pixels", "usage")), "utf-8"),
        (with_index(table()), "utf-8"),
        (table() + "\n\n", "utf-8"),
        (table(emotion=lambda number: f"{number}.0"), "utf-8"),
        (table(pixels=lambda image: " ".join(f"{value}.0" for value in image.ravel())), "utf-8"),
        (table().replace(",PublicTest", ", PublicTest "), "utf-8"),
    ],
    ids=[
        "byte order mark",
        "UTF-16",
        "CRLF",
        "semicolons",
        "tabs",
        "quoted",
        "icml_face_data",
        "capitals",
        "index",
        "blank lines",
        "float emotions",
        "float pixels",
        "spaces",
    ],
)
def test_a_csv_from_elsewhere_gives_the_same(tmp_path, expected, text, encoding):
    path = tmp_path / "icml_face_data.csv"
    path.write_text(text, encoding=encoding, newline="")
    assert load_fer2013(path).fingerprint == expected
    assert load_fer2013(tmp_path).fingerprint == expected, "the folder it lies in"


def test_a_csv_in_a_zip_gives_the_same(tmp_path, expected):
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/._fer2013.csv", APPLE_DOUBLE)
        archive.writestr("fer2013/readme.csv", "a,b\n1,2\n")
        archive.writestr("fer2013/fer2013.csv", table())
    assert load_fer2013(path).fingerprint == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (table().replace("\n6,", "\n-1,", 1), r"line 8: emotion is '-1', not a number from 0 to 6"),
        (table().replace("\n6,", "\n7,", 1), r"line 8: emotion is '7', not"),
        (table().replace(" 255 ", " 256 ", 1), r"a pixel is 256, not a whole number from 0 to 255"),
        (table().replace(" 254 ", " -1 ", 1), r"a pixel is -1, not"),
        (table().replace(" 253 ", " x ", 1), r"a pixel is no number"),
        (table().replace(" 255 ", " ", 1), r"2303 pixels instead of 48×48"),
        (table()[:-3000], r"line 22 has 2 values instead of 3: it is cut"),
        (table() + "x,y,z,a,b,c\n", r"line 23 has 6 values instead of 3"),
        (
            table(("emotion", "pixels")),
            r"lacks Usage among the columns .* it has emotion, pixels\. Without Usage",
        ),
        (table()[:5000] + "\0\0" + table()[5000:], r"line 2.*(NUL|no csv|no number)"),
        ("", r"lacks emotion, pixels, Usage among"),
        ("emotion,pixels,Usage\n", r"holds no FER-2013 image"),
    ],
    ids=["-1", "7", "256", "-1 pixel", "word", "2303", "cut", "junk", "no Usage", "NUL", "empty", "header"],
)
def test_a_csv_that_is_wrong_is_named_with_its_line(tmp_path, text, reason):
    path = tmp_path / "fer2013.csv"
    path.write_text(text)
    with pytest.raises(DatasetError, match=reason):
        load_fer2013(path)


def test_an_encoding_that_is_not_utf8(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_bytes(table().encode() + "ü,1 2,Training\n".encode("latin-1"))
    with pytest.raises(DatasetError, match=r"fer2013\.csv: about line \d+ a character is not UTF-8"):
        load_fer2013(path)


@pytest.fixture
def tree(tmp_path):
    """Kaggle's folders with one picture of each class and split, and what a Mac and a person leave in them."""
    root = tmp_path / "archive"
    for index, (number, image, split) in enumerate(ROWS):
        place = root / ("train" if split == "Training" else "test") / CSV_LABELS[number].capitalize()
        place.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place / f"{split}_{index}.PNG"), image)
    (root / "train" / "Happy" / "._Training_3.png").write_bytes(APPLE_DOUBLE)
    (root / "train" / "Happy" / "Thumbs.db").write_bytes(b"x")
    (root / ".DS_Store").write_bytes(b"x")
    cv2.imwrite(str(root / "class_distribution.png"), np.zeros((200, 300), np.uint8))
    return root


def zipped(root, path):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(root.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(root).as_posix())
                archive.writestr(
                    f"__MACOSX/{file.relative_to(root).parent.as_posix()}/._{file.name}", APPLE_DOUBLE
                )
    return path


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_hidden_files_are_passed_over_and_stray_pictures_counted(tree, tmp_path, caplog, packed):
    data = load_fer2013(zipped(tree, tmp_path / "archive.zip") if packed else tree)
    assert [len(split) for split in (data.training, data.public_test, data.private_test)] == [7, 7, 7]
    assert "left out 1 picture that lies" in caplog.text
    assert "class_distribution.png" in caplog.text
    assert "._" not in caplog.text


def test_an_encrypted_zip(tree, tmp_path):
    path = zipped(tree, tmp_path / "archive.zip")
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        place = -1
        while (place := content.find(mark, place + 1)) >= 0:
            content[place + flags] |= 1
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"is encrypted\. Unpack it with its password"):
        load_fer2013(path)


@pytest.mark.parametrize(
    ("encoding", "separator", "end"),
    [("utf-8-sig", ",", "\n"), ("utf-16", ",", "\n"), ("utf-8", ";", "\r\n")],
)
def test_votes_from_a_spreadsheet(tmp_path, encoding, separator, end):
    path = tmp_path / "votes.csv"
    head = separator.join(["file", *ANSWERS])
    row = separator.join(["a.jpg", *(str(number) for number in range(len(ANSWERS)))])
    path.write_text(f"{head}{end}{row}{end}", encoding=encoding, newline="")
    assert list(read_votes(path)["a.jpg"]) == list(range(len(ANSWERS)))
