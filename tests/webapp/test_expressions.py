"""The colours of the expressions: light enough against dark, dark enough against light, told apart by any eyes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from model.output.votes import PEOPLE
from tests.conftest import ROOT
from webapp.presenters.expressions import NUMBERED, ORDER, Group, in_order, ten_people, tones

Color = NDArray[np.float64]

CSS = ROOT / "static" / "css"
# Machado, Oliveira, Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency", table 1.
EYES = {
    "all cones": np.eye(3),
    "no red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no blue cones": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# Ottosson's OKLab, from linear sRGB.
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
LEAST_DISTANCE = 0.075  # In OKLab, where 0.02 is just seen.


def linear(code: str) -> Color:
    """Linear sRGB of a colour such as #fff or #be7609."""
    digits = code.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    given = np.array([int(digits[place : place + 2], 16) for place in (0, 2, 4)]) / 255
    return np.asarray(np.where(given <= 0.04045, given / 12.92, ((given + 0.055) / 1.055) ** 2.4))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2, 1…21."""
    light, dark = sorted(
        (float(linear(code) @ [0.2126, 0.7152, 0.0722]) for code in (one, other)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(scope="module")
def colours() -> dict[str, tuple[str, str]]:
    """Each colour of expressions.css by its name, as it is in the light and in the dark."""
    text = (CSS / "expressions.css").read_text(encoding="utf-8")
    found = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\);", text)
    return {name: (light, dark) for name, light, dark in found}


def surfaces(name: str) -> tuple[str, str]:
    """A surface of site.css, as it is in the light and in the dark."""
    text = (CSS / "site.css").read_text(encoding="utf-8")
    light, dark, *_ = re.findall(rf"--{name}: (#\w+);", text)
    return light, dark


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_each_colour_has_three_to_one_against_page_card_and_track(
    colours: Mapping[str, tuple[str, str]], mode: int
) -> None:
    grounds = [surfaces(name)[mode] for name in ("pico-background-color", "surface", "soft")]
    names = [*ORDER, *(f"other-{number}" for number in range(NUMBERED))]
    faint = {
        (name, ground): round(contrast(colours[name][mode], ground), 2)
        for name in names
        for ground in grounds
        if contrast(colours[name][mode], ground) < 3
    }
    assert faint == {}
    ink = colours["on-tone"][mode]
    assert min(contrast(colours[name][mode], ink) for name in names) >= 3


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("eyes", EYES)
def test_no_two_expressions_look_alike_to_any_eyes(
    colours: Mapping[str, tuple[str, str]], eyes: str, mode: int
) -> None:
    seen = {
        name: np.cbrt(CONES @ np.clip(EYES[eyes] @ linear(colours[name][mode]), 0, 1)) @ LAB.T
        for name in ORDER
    }
    close = {
        pair: round(distance, 3)
        for pair in itertools.combinations(ORDER, 2)
        if (distance := float(np.linalg.norm(seen[pair[0]] - seen[pair[1]]))) < LEAST_DISTANCE
    }
    assert close == {}


def test_every_tone_has_its_colour_and_its_face(colours: Mapping[str, tuple[str, str]]) -> None:
    css = (CSS / "expressions.css").read_text(encoding="utf-8")
    drawn = (ROOT / "templates" / "_figures.svg").read_text(encoding="utf-8")
    for name in ORDER:
        assert f".tone-{name} {{ --tone: var(--{name}); }}" in css
        assert f'id="face-{name}"' in drawn
    for number in range(NUMBERED):
        assert f".tone-{number} {{ --tone: var(--other-{number}); }}" in css


def test_bars_stand_in_one_order_whatever_the_model_calls_them() -> None:
    assert in_order(("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")) == ORDER
    assert in_order(("anger", "bored", "happiness", "awake")) == ("happiness", "anger", "bored", "awake")


@pytest.mark.parametrize(
    ("labels", "letters"),
    [
        (("bored", "awake"), ["B", "A"]),
        (("bored", "busy", "awake"), ["Bo", "Bu", "A"]),
        (("class one", "class two"), ["1", "2"]),
        (("happy", "anger", "odd"), ["", "", "O"]),
    ],
)
def test_labels_of_other_models_get_letters(labels: Sequence[str], letters: list[str]) -> None:
    drawn = tones(labels)
    assert [drawn[label].letter for label in labels] == letters
    assert len({drawn[label].name for label in labels}) == len(labels)


def test_more_labels_than_colours_begin_again_with_other_letters() -> None:
    labels = tuple(f"class {number}" for number in range(25))
    drawn = tones(labels)
    assert len({tone.name for tone in drawn.values()}) == NUMBERED
    assert len({tone.letter for tone in drawn.values()}) == len(labels)


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"happy": 0.98, "sad": 0.02}, (Group(10, "happy", "happy"),)),
        ({"happy": 0.62, "sad": 0.31, "fear": 0.07}, (6, 3, 1)),
        ({"happy": 0.62, "sad": 0.31, "fear": 0.04, "angry": 0.03}, (6, 3, 1)),
        ({f"label {number}": 0.04 for number in range(25)}, (10,)),
    ],
)
def test_ten_people_are_always_ten(
    shares: Mapping[str, float], expected: tuple[Group, ...] | tuple[int, ...]
) -> None:
    groups = ten_people(shares)
    assert sum(group.count for group in groups) == PEOPLE
    assert groups == expected or tuple(group.count for group in groups) == expected
