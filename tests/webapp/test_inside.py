"""Look inside: every step of one face with the network's maps for it, and the face read again with parts covered."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np
import pytest
from flask.testing import FlaskClient

from model.inside.parts import GRID
from tests.conftest import post_form
from tests.webapp.test_pages import assert_sound, parse
from tests.webapp.test_region import Fields, fields_of
from webapp.presenters.inside import GAP, block_view, tiles
from webapp.samples import FOLDER
from webapp.services import rate_limit

if TYPE_CHECKING:
    from tests.conftest import MakeApp, Upload

INSIDE, COVER = "/results/inside", "/results/inside/cover"
STEPS = [
    "open",
    "find",
    "cut",
    "align",
    "shrink",
    "filters",
    "block-1",
    "block-2",
    "weigh",
    "block-3",
    "block-4",
]
STEPS += ["decide", "why"]


@pytest.fixture
def fields(upload: Upload, portrait_jpeg: bytes) -> Fields:
    return {**fields_of(upload(portrait_jpeg, "me.jpg").text), "face": "1"}


def mask(rows: slice) -> str:
    bits = np.zeros((GRID, GRID), np.uint8)
    bits[rows] = 1
    return base64.b64encode(np.packbits(bits).tobytes()).decode()


def test_a_card_leads_to_every_step_and_each_has_an_address(client: FlaskClient, fields: Fields) -> None:
    answer = post_form(client, fields, address=INSIDE)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert_sound(answer.text)
    html = parse(answer.text)
    assert [step.attrs["id"] for step in html.query(".step")] == STEPS
    assert [link.attrs["href"] for link in html.query(".glance a")] == [
        *(f"#{step}" for step in STEPS),
        "#cover",
    ]
    assert len(html.query(".spoke figure")) == 7
    assert html.query(".slider input")[0].attrs["type"] == "range"
    assert "me.jpg" in answer.text
    assert len(answer.data) < 700_000


def test_two_faces_give_different_maps(upload: Upload, client: FlaskClient) -> None:
    pages = []
    for name in ("astronaut.jpg", "hopper.jpg"):
        fields = {**fields_of(upload((FOLDER / name).read_bytes()).text), "face": "1"}
        pages.append(parse(post_form(client, fields, address=INSIDE).text))
    for step in ("block-1", "block-2", "block-3", "block-4", "why"):
        one, other = (page.query(f"#{step} img")[0].attrs["src"] for page in pages)
        assert one != other, step
    same = [page.query("#filters img")[0].attrs["src"] for page in pages]
    assert same[0] == same[1], "filters are of the network"


def test_a_model_without_maps_shows_the_other_steps(
    client: FlaskClient, csrf_token: str, portrait_jpeg: bytes
) -> None:
    for model, cover in (("upper_face", False), ("deep", True)):
        page = post_form(client, {"csrf_token": csrf_token, "model": model}, [(portrait_jpeg, "a.jpg")])
        answer = post_form(client, {**fields_of(page.text), "face": "1"}, address=INSIDE)
        assert_sound(answer.text)
        steps = [step.attrs["id"] for step in parse(answer.text).query(".step")]
        assert "why" in steps
        assert "block-1" not in steps
        assert bool(parse(answer.text).query("#cover")) is cover
        covered = post_form(client, {**fields_of(page.text), "face": "1", "cover": "mouth"}, address=COVER)
        assert covered.status_code == (200 if cover else 400)


@pytest.mark.parametrize("part", ["mouth", "eyes", "left", "right"])
def test_a_covered_part_is_read_again_beside_the_whole(
    client: FlaskClient, fields: Fields, part: str
) -> None:
    answer = post_form(client, {**fields, "cover": part}, address=COVER)
    assert answer.status_code == 200
    assert_sound(answer.text)
    html = parse(answer.text)
    assert len(html.query(".cover-table tbody tr")) == 7
    said = html.query("[data-cover-result]")[0].to_text()
    assert part in said
    assert "of the picture" in said


def test_without_the_mouth_the_calm_face_is_read_as_another(upload: Upload, client: FlaskClient) -> None:
    fields = {**fields_of(upload((FOLDER / "hopper.jpg").read_bytes()).text), "face": "1"}
    text = post_form(client, {**fields, "cover": "mouth"}, address=COVER).text
    assert "Without the mouth the answer is another: happy." in text
    assert "With all of it: neutral." in text


def test_the_brush_covers_what_it_went_over(client: FlaskClient, fields: Fields) -> None:
    answer = post_form(client, {**fields, "mask": mask(slice(0, 24))}, address=COVER)
    assert answer.status_code == 200
    said = parse(answer.text).query("[data-cover-result]")[0].to_text()
    assert "50 % of the picture" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "that part" in said


def test_from_there_every_way_goes_on(client: FlaskClient, fields: Fields) -> None:
    answer = post_form(client, {**fields, "cover": "eyes"}, address=COVER)
    carried = fields_of(answer.text, "inside-data")
    assert post_form(client, carried, address=INSIDE).status_code == 200
    assert post_form(client, {**carried, "cover": "mouth"}, address=COVER).status_code == 200
    back = post_form(client, carried, address="/results/photo")
    assert back.status_code == 200
    assert len(parse(back.text).query("article.face")) == 1


@pytest.mark.parametrize("address", [INSIDE, COVER])
@pytest.mark.parametrize(
    "changes",
    [
        {"result": "forged"},
        {"image": "bm8gcGhvdG8="},
        {"face": "9"},
        {"face": ""},
        {"face": "²"},
        {"face": "9" * 5000},
    ],
)
def test_what_was_altered_is_refused(
    client: FlaskClient, fields: Fields, address: str, changes: dict[str, str]
) -> None:
    answer = post_form(client, {**fields, "cover": "mouth", **changes}, address=address)
    assert answer.status_code == 400
    assert_sound(answer.text)


@pytest.mark.parametrize("wrong", ["x", "AAAA", "%%%", "é", mask(slice(0, 9)) * 2, "A" * 15_000])
def test_a_mask_that_no_brush_made_is_refused(client: FlaskClient, fields: Fields, wrong: str) -> None:
    assert post_form(client, {**fields, "mask": wrong}, address=COVER).status_code == 400


def test_a_field_is_bounded(client: FlaskClient, fields: Fields) -> None:
    for field in ("mask", "cover", "face"):
        answer = post_form(client, {**fields, field: "A" * 20_000}, address=COVER)
        assert answer.status_code == 413, field


def test_unknown_parts_cover_nothing(client: FlaskClient, fields: Fields) -> None:
    text = post_form(client, {**fields, "cover": "<b>nose</b>"}, address=COVER).text
    assert "nose" not in text
    assert "0 % of the picture" in text.replace("\N{NO-BREAK SPACE}", " ")


def test_looking_counts_as_an_explanation_and_covering_as_a_photo(
    make_app: MakeApp, portrait_jpeg: bytes
) -> None:
    client = make_app(rate_limit=f"{2 + rate_limit.EXPLANATION} per hour").test_client()
    token = parse(client.get("/").text).query("#upload input[name=csrf_token]")[0].attrs["value"]
    assert token is not None
    page = post_form(client, {"csrf_token": token}, [(portrait_jpeg, "a.jpg")])
    asked = {**fields_of(page.text), "face": "1"}
    assert post_form(client, asked, address=INSIDE).status_code == 200
    assert post_form(client, {**asked, "cover": "eyes"}, address=COVER).status_code == 200
    assert post_form(client, {**asked, "cover": "eyes"}, address=COVER).status_code == 429


def test_tiles_are_laid_out_by_rows_with_a_gap() -> None:
    sheet = tiles([np.full((2, 3), level, np.uint8) for level in (1, 2, 3)], 2)
    assert sheet.shape == (5, 7)
    assert sheet[0, 0] == 1
    assert sheet[1, 6] == 2
    assert sheet[3, 0] == 3
    assert {int(sheet[0, 3]), int(sheet[2, 0]), int(sheet[4, 6])} == {GAP}


def test_maps_of_nothing_are_dark() -> None:
    view = block_view(1, np.zeros((48, 6, 6), np.float32), 1)
    assert view.count == 48
    assert view.few.source.startswith("data:image/png")


def test_of_several_photos_the_one_that_is_asked_about_is_looked_into(
    upload: Upload, client: FlaskClient
) -> None:
    first, second = ((FOLDER / name).read_bytes() for name in ("astronaut.jpg", "hopper.jpg"))
    html = parse(upload(first, "one.jpg", (second, "two.jpg")).text)
    button = html.query('article.face button[formaction^="/results/inside"]')[-1].attrs
    form = button["form"]
    assert form
    fields = html.query(f'form[id="{form}"] input') + html.query(f'input[form="{form}"]')
    sent = {field.attrs["name"] or "": field.attrs["value"] or "" for field in fields}
    answer = post_form(client, {**sent, "face": button["value"] or ""}, address=INSIDE)
    assert answer.status_code == 200
    assert ("one.jpg" in answer.text) != ("two.jpg" in answer.text)
