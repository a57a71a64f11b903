"""Download the results as JSON, CSV or PNG, made from the signed results and the image in the form."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup

from model import PhotoError, load_photo
from model.explain import occlusion_map
from model.output.draw import boxes_on_photo, explanation_image
from model.output.serialize import AnalysisDict, Result
from model.output.tables import csv_header, csv_rows, csv_text
from model.registry import UnknownModelError
from webapp.blueprints.again import shown_again
from webapp.blueprints.results import card_context
from webapp.middleware.multipart_form import takes
from webapp.presenters import result_image, share_card
from webapp.presenters.faces import EXPLANATION_SIDE, present_face
from webapp.presenters.photo import PhotoView, RefusedView
from webapp.presenters.results import present
from webapp.presenters.share_card import ShareCard
from webapp.presenters.sheet import needs_sheet, present_sheet, rows_of
from webapp.services import rate_limit, signed_results
from webapp.services.carried import faces_on, photo_of, show_again
from webapp.services.filenames import harmless, plain_name
from webapp.services.inference import current_models, inference_slot
from webapp.services.request_stats import FACES_A_UNIT
from webapp.services.saved_styles import saved_styles
from webapp.services.signed_results import BadSignature
from webapp.settings import SITE_NAME, current_settings

bp = Blueprint("downloads", __name__, url_prefix="/results/download")

MANY = "photos"
CARD_SIDE = 640  # Pixels of the largest picture on a card to post.


@bp.errorhandler(BadSignature)
def _altered(error: BadSignature) -> tuple[str, int]:
    return render_template("errors/error.html", code=400, kind=error.kind), 400


@bp.post("/json")
@takes(carried=True)
def as_json() -> Response:
    """Return the results as the JSON of the API and the command line."""
    signed = signed_results.loads(request.form.get("result"))
    text = json.dumps(signed.results, ensure_ascii=False, indent=2)
    return _attachment(text + "\n", "application/json", signed.results, "json")


@bp.post("/csv")
@takes(carried=True)
def as_csv() -> Response:
    """Return the results as CSV, one row a face."""
    signed = signed_results.loads(request.form.get("result"))
    labels = _labels(signed.results)
    rows = [row for result in signed.results for row in csv_rows(result, labels)]
    text = csv_text([csv_header(labels), *([harmless(row[0]), *row[1:]] for row in rows)])
    # With a byte order mark, so that spreadsheets read it as UTF-8.
    return _attachment(
        "\N{ZERO WIDTH NO-BREAK SPACE}" + text, "text/csv; charset=utf-8", signed.results, "csv"
    )


@bp.post("/png")
@takes(carried=True)
def as_png() -> Response:
    """Return a card to post, ``shape`` wide or square; without one, the photo with its boxes and each face's bars."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    shape = request.form.get("shape", "")
    face = _only_face(result)
    # What pointed to the answer is measured for it.
    rate_limit.consume(rate_limit.EXPLANATION if shape and face else 1)
    try:
        with inference_slot():
            if not shape:
                drawn = result_image.draw(load_photo(image), result)
            elif kind := share_card.SHAPES.get(shape):
                drawn = share_card.draw(_card(result, image, face), kind)
            else:
                raise BadSignature
    except (PhotoError, UnknownModelError, ValueError) as error:
        raise BadSignature from error
    return _attachment(drawn, "image/png", [result], "png", shape)


@bp.post("/html")
@takes(carried=True)
def as_html() -> Response:
    """Return the results with all their cards as one HTML file that needs nothing else."""
    pairs = signed_results.everything(request.form, current_settings.max_upload_bytes)
    read = [result for result, _ in pairs if "error" not in result]
    if not read:
        raise BadSignature
    rate_limit.consume(len(pairs) + sum(len(result["faces"]) for result in read) // FACES_A_UNIT)
    views: list[PhotoView | RefusedView] = []
    for number, (result, image) in enumerate(pairs, start=1):
        if "error" in result:
            views.append(RefusedView(f"photo-{number}", result["photo"], result["error"], number))
        else:
            everyone = frozenset(f"{number}-{face['number']}" for face in result["faces"])
            views.append(shown_again(result, image, number, len(pairs) > 1, everyone))
    rows = [row for view in views if isinstance(view, PhotoView) for row in view.faces]
    sheet = present_sheet(rows, photos=len(pairs)) if needs_sheet(rows, len(pairs)) else None
    page = render_template(
        "saved.html",
        results=present(views, "", read[0]["model"], sheet),
        styles=Markup(saved_styles()),  # noqa: S704  # our own style sheets
        **card_context(read[0]["model"]["name"]),
    )
    # Links lead to the site from wherever the file lies.
    page = page.replace('href="/', f'href="{request.host_url}')
    return _attachment(page, "text/html; charset=utf-8", [result for result, _ in pairs], "html")


def _only_face(result: AnalysisDict) -> int | None:
    """Return the number of the face that the photo is of; None for a group, and for none."""
    clear = [face["number"] for face in result["faces"] if not face["faint"]]
    return clear[0] if len(clear) == 1 else None


def _card(result: AnalysisDict, image: bytes, face: int | None) -> ShareCard:
    """Return what stands on the card of a face, or of a group; to be called in a slot."""
    if face is None:
        photo = photo_of(image, result)
        rows = rows_of(photo, result, 1)
        numbers = [signed["number"] for signed in result["faces"]]
        boxed = boxes_on_photo(photo, faces_on(photo, result), max_side=CARD_SIDE, numbers=numbers)
        title = present_sheet(rows, photos=1).title if rows else "No face found"
        return ShareCard(SITE_NAME, title, "", (), ((boxed, ""),))
    recognizer = current_models().get(result["model"]["name"])
    (reading,) = show_again(recognizer, image, result, {face}, CARD_SIDE).faces
    view = present_face(face, reading)
    rows_high, columns = reading.network_input.shape
    pictures = [
        (reading.crop.aligned, share_card.FACE),
        (reading.network_input, share_card.GRAYS.format(columns=columns, rows=rows_high)),
    ]
    if recognizer.metadata.explainable:
        spoke = occlusion_map(recognizer.classifier, reading.network_input, reading.prediction.emotion)
        pictures.append((explanation_image(reading, spoke, side=EXPLANATION_SIDE), share_card.SPOKE))
    macros = current_app.jinja_env.get_template("_macros.html").module
    title, detail = (" ".join(str(macro(view)).split()) for macro in (macros.headline, macros.detail))  # type: ignore[attr-defined]  # Jinja's
    return ShareCard(SITE_NAME, title.rstrip("."), detail, view.ten, tuple(pictures))


def _labels(results: Sequence[Result]) -> tuple[str, ...]:
    """Return the labels of the results, for the columns of the probabilities."""
    for result in results:
        if "error" not in result and result["faces"]:
            return tuple(result["faces"][0]["probabilities"])
    return current_models().default.metadata.labels


def _attachment(
    content: str | bytes, content_type: str, results: Sequence[Result], ending: str, shape: str = ""
) -> Response:
    response = Response(content, content_type=content_type)
    name = plain_name(results[0]["photo"]) if len(results) == 1 else MANY
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{shape or "emotions"}.{ending}"'
    response.cache_control.no_store = True
    return response
