"""FER+ votes: joined to the right images, and converted to labels and distributions."""

import csv
from pathlib import Path

import numpy as np
import pytest

from training.configs.schema import LABELS
from training.data.fer2013 import Fer2013, Split, load_fer2013
from training.data.ferplus import (
    ANSWERS,
    as_clearly_voted,
    as_voted,
    majority,
    plurality,
    read_votes,
    require_votes,
    usable,
    vote_distribution,
    vote_weight,
    voted,
    with_votes,
)
from training.data.formats import DatasetError

SHARED = Path(__file__).parents[3] / "shared" / "data"
HAPPY, SAD, ANGRY = LABELS.index("happy"), LABELS.index("sad"), LABELS.index("angry")


def row(**counts):
    return [counts.get(answer, 0) for answer in ANSWERS]


VOTES = np.array(
    [
        row(happiness=9, neutral=1),
        row(sadness=5, fear=4, unknown=1),
        row(contempt=6, anger=4),
        row(unknown=6, anger=4),
        row(NF=9, happiness=1),
        row(),
        row(anger=5, NF=5),
    ]
)


def test_shares_are_of_the_seven_labels_alone():
    shares = vote_distribution(VOTES)
    assert shares.shape == (7, 7)
    assert shares[0, HAPPY] == pytest.approx(0.9)
    assert shares[2, ANGRY] == pytest.approx(1.0), "contempt is no label here"
    assert shares[5].sum() == 0


def test_an_image_counts_by_what_its_votes_say_of_the_labels():
    np.testing.assert_allclose(vote_weight(VOTES), [1.0, 0.9, 0.4, 0, 0, 0, 0.5], atol=1e-6)


def test_unreadable_images_are_those_that_most_called_so():
    np.testing.assert_array_equal(usable(VOTES), [True, True, True, False, False, False, True])


def test_a_clear_majority_is_more_than_five_of_ten():
    np.testing.assert_array_equal(majority(VOTES), [HAPPY, -1, -1, -1, -1, -1, -1])
    np.testing.assert_array_equal(plurality(VOTES), [HAPPY, SAD, ANGRY, -1, -1, -1, ANGRY])


@pytest.fixture
def data():
    labels = np.arange(7, dtype=np.int64)
    images = np.zeros((7, 48, 48), np.uint8)

    def split(name):
        return Split(images, labels, tuple(f"train/x/{name}_{i}.jpg" for i in range(7)))

    return Fer2013(split("Training"), split("PublicTest"), split("PrivateTest"), "0")


def write(path, data, columns=("file", *ANSWERS)):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for split in (data.training, data.public_test, data.private_test):
            for name, votes in zip(split.names, VOTES, strict=True):
                writer.writerow([name, *votes][: len(columns)])
    return path


def test_votes_join_by_name_and_follow_their_images(data, tmp_path):
    # Nobody's votes for one image in seven would be refused: that is more than FER-2013 has.
    votes_of_all = VOTES.copy()
    path = write(tmp_path / "votes.csv", data)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line.replace(",0,0,0,0,0,0,0,0,0,0", ",0,0,0,0,0,0,0,0,0,1") for line in lines))
    votes_of_all[5, -1] = 1
    joined = with_votes(data, path)
    np.testing.assert_array_equal(require_votes(joined.private_test), votes_of_all)
    np.testing.assert_array_equal(require_votes(joined.test()), np.concatenate([votes_of_all, votes_of_all]))
    kept = as_voted(joined.private_test)
    np.testing.assert_array_equal(kept.labels, [HAPPY, SAD, ANGRY, ANGRY])
    assert kept.names[-1].endswith("PrivateTest_6.jpg")
    assert len(as_clearly_voted(joined.private_test)) == 1
    assert len(voted(joined).training) == 4


def test_microsofts_own_table_goes_by_the_order_of_the_csv(tmp_path):
    path = tmp_path / "fer2013new.csv"
    path.write_text(
        "Usage,Image name," + ",".join(ANSWERS) + "\nTraining,fer0.png," + ",".join(map(str, VOTES[0])) + "\n"
    )
    assert list(read_votes(path)) == ["Training_000001"], "the name that the first row of fer2013.csv gets"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("file,neutral\n", "lacks the columns"),
        ("file," + ",".join(ANSWERS) + "\na.jpg,x,0,0,0,0,0,0,0,0,0\n", "cannot be read as votes"),
        ("file," + ",".join(ANSWERS) + "\na.jpg,1,0,0,0,0,0,0,0,0,0\n", "votes for 0 of 21 images"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(content, said, data, tmp_path):
    path = tmp_path / "votes.csv"
    path.write_text(content)
    with pytest.raises(DatasetError, match=said):
        with_votes(data, path)


def test_no_table_and_no_votes_say_so(data, tmp_path):
    with pytest.raises(DatasetError, match="There are no votes at"):
        read_votes(tmp_path / "none.csv")
    with pytest.raises(ValueError, match="with_votes"):
        require_votes(data.training)


def test_the_real_votes_are_the_published_ones():
    zip_file, table = SHARED / "fer2013.zip", SHARED / "ferplus_votes.csv"
    if not (zip_file.exists() and table.exists()):
        pytest.skip("FER-2013 and its votes are not beside the project")
    data = with_votes(load_fer2013(zip_file), table)
    assert len(as_clearly_voted(data.private_test)) == 2720
    splits = (data.training, data.public_test, data.private_test)
    clear = [(split, majority(require_votes(split))) for split in splits]
    assert sum(int((labels >= 0).sum()) for _, labels in clear) == 27306
    agreeing = sum(int((labels == split.labels).sum()) for split, labels in clear)
    assert agreeing / 27306 == pytest.approx(0.718, abs=5e-4), "how noisy the labels are"
