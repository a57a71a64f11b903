"""Read the photo in the results page's form again: by another model, with an explanation, or not turned.

And show it again without reading it: the contact sheet in another order, with another card, or one of its photos alone.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, render_template, request

from model import PhotoError, load_photo
from model.detection.rotation import rotate_clockwise
from model.explain import occlusion_map
from model.output.serialize import AnalysisDict, analysis_to_dict
from model.recognizer import identity_of
from model.registry import UnknownModelError
from model.types import Analysis, Timings
from webapp.blueprints.results import card_context, render_results, view_of
from webapp.middleware.multipart_form import takes
from webapp.presenters.faces import LARGEST_SIDE, Explained
from webapp.presenters.model_choice import EYES_MODEL
from webapp.presenters.photo import PhotoView, RefusedView
from webapp.presenters.results import present
from webapp.presenters.sheet import ALL, CARDS_AT_ONCE, opened_at_first, rows_of
from webapp.services import rate_limit, signed_results
from webapp.services.carried import classify_again, photo_of, show_again
from webapp.services.inference import current_models, inference_slot
from webapp.services.request_stats import FACES_A_UNIT, current_stats
from webapp.services.signed_results import SIDE_ALONE, BadSignature, FormImage, encode_image
from webapp.settings import current_settings

bp = Blueprint("again", __name__, url_prefix="/results")


@bp.errorhandler(BadSignature)
def _altered(error: BadSignature) -> tuple[str, int]:
    return render_template("errors/error.html", code=400, kind=error.kind), 400


@bp.post("/eyes")
@takes(carried=True)
def eyes() -> str:
    """Classify the same faces with the upper-face model, for a covered lower face."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    rate_limit.consume(1)
    return _read(result, image, EYES_MODEL, opened=_face_asked(result))


@bp.post("/by")
@takes(carried=True)
def by_model() -> str:
    """Classify the same faces with the model that the field ``by`` names; the card of ``face`` is open."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    rate_limit.consume(1)
    return _read(result, image, request.form.get("by", ""), opened=_face_asked(result))


@bp.post("/explain")
@takes(carried=True)
def explain() -> str:
    """Explain the expression in field ``expression-N`` of face N, which the field ``face`` names."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    given = request.form.get("face", "")
    label = request.form.get(f"expression-{given}", "")
    asked = [
        face for face in result["faces"] if str(face["number"]) == given and label in face["probabilities"]
    ]
    if not asked:
        raise BadSignature
    rate_limit.consume(rate_limit.EXPLANATION)
    number = asked[0]["number"]
    return _read(result, image, result["model"]["name"], (number, label), opened=f"1-{number}")


@bp.post("/as-it-came")
@takes(carried=True)
def as_it_came() -> str:
    """Turn the photo back, and read it as it came."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    rate_limit.consume(1)
    try:
        recognizer = current_models().get(result["model"]["name"])
        with inference_slot():
            photo = rotate_clockwise(load_photo(image), -result["turn"] % 360)
            analysis = recognizer.analyze(photo.pixels, rotate=False, crop_side=LARGEST_SIDE)
            cut_off = "truncated" in result.get("warnings", ())
            analysis = replace(analysis, photo=replace(analysis.photo, truncated=cut_off))
            current_stats().add_analysis(analysis)
            again = analysis_to_dict(result["photo"], analysis)
            view = view_of(analysis, again, encode_image(photo.pixels, SIDE_ALONE))
    except (PhotoError, UnknownModelError) as error:
        raise BadSignature from error
    return render_results([view], [again])


@bp.post("/sheet")
@takes(carried=True)
def sheet() -> str:
    """Show the contact sheet in the order ``sort``, of the faces ``show``, with the card of the face ``open``."""
    pairs = signed_results.everything(request.form, current_settings.max_upload_bytes)
    if all("error" in result for result, _ in pairs):
        raise BadSignature
    rate_limit.consume(len(pairs))
    # A button comes behind the hidden fields with what was asked before.
    sort, show, opened = ((request.form.getlist(field) or [""])[-1] for field in ("sort", "show", "open"))
    clear = frozenset(
        f"{number}-{face['number']}"
        for number, (result, _) in enumerate(pairs, start=1)
        if "error" not in result
        for face in result["faces"]
        if not face["faint"]
    )
    # One or two clear faces have their cards in any case; the sheet has those of the background.
    shown = frozenset({opened}) | (clear if len(clear) <= CARDS_AT_ONCE else frozenset())
    views: list[PhotoView | RefusedView] = []
    for number, (result, image) in enumerate(pairs, start=1):
        if "error" in result:
            views.append(RefusedView(f"photo-{number}", result["photo"], result["error"]))
        else:
            views.append(shown_again(result, image, number, len(pairs) > 1, shown))
    found = [result for result, _ in pairs]
    return render_results(views, found, opened=shown, sort=sort, show=show or ALL)


@bp.post("/card")
@takes(carried=True)
def card() -> str:
    """Return the cards of the faces with the numbers ``face`` alone, for a page that has the rest."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    # Its place was checked with the result.
    photo, several = int(request.form.get("photo", "1")), "photo" in request.form
    asked = frozenset(f"{photo}-{number}" for number in request.form.getlist("face"))
    if not asked or not asked <= {f"{photo}-{face['number']}" for face in result["faces"]}:
        raise BadSignature
    rate_limit.consume(1 + len(asked) // FACES_A_UNIT)
    view = shown_again(result, image, photo, several, asked)
    return render_template(
        "card.html",
        results=present([view], "", result["model"]),
        cards=view.cards,
        data=f"{view.anchor}-data" if several else "result-data",
        **card_context(result["model"]["name"]),
    )


@bp.post("/photo")
@takes(carried=True)
def alone() -> str:
    """Show one photo of several on a page of its own."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    rate_limit.consume(1)
    return render_results([shown_again(result, image, 1, among_several=False)], [result])


def shown_again(
    result: AnalysisDict,
    image: bytes,
    number: int,
    among_several: bool,
    opened: frozenset[str] | None = None,
    error: str = "",
) -> PhotoView:
    """Return the view of a photo as it was read, with the cards of the faces ``opened`` (None: of the first two).

    ``error`` is why a box could not be read.
    """
    try:
        recognizer = current_models().get(result["model"]["name"])
        with inference_slot():
            photo = photo_of(image, result)
            if opened is None:
                opened = opened_at_first(rows_of(photo, result, number))
            numbers = {face["number"] for face in result["faces"] if f"{number}-{face['number']}" in opened}
            if numbers:
                analysis = show_again(recognizer, image, result, numbers, LARGEST_SIDE)
            else:
                identity = identity_of(recognizer.metadata)
                analysis = Analysis(photo, (), Timings(0.0, 0.0, 0.0), identity, rotation=result["turn"])
            form_image = FormImage(image, photo.width, photo.height)
            return view_of(
                analysis,
                result,
                form_image,
                number=number,
                among_several=among_several,
                opened=opened,
                error=error,
            )
    except (PhotoError, UnknownModelError, ValueError) as error:
        raise BadSignature from error


def _face_asked(result: AnalysisDict) -> str | None:
    """Return the key of the face whose button was pressed; None if the form names none."""
    given = request.values.get("face", "")
    return f"1-{given}" if given in {str(face["number"]) for face in result["faces"]} else None


def _read(
    result: AnalysisDict,
    image: bytes,
    model: str,
    asked: tuple[int, str] | None = None,
    opened: str | None = None,
) -> str:
    """Return the page of the previously detected faces, classified by ``model``.

    ``asked`` is the number of a face and the expression to explain, ``opened`` the key of the face whose card is open.
    """
    try:
        recognizer = current_models().get(model)
        with inference_slot():
            numbers = {face["number"] for face in result["faces"]}
            analysis = classify_again(recognizer, image, result, numbers, LARGEST_SIDE)
            current_stats().add_analysis(analysis)
            explained = None
            if asked is not None:
                number, label = asked
                given = next(face for face in analysis.faces if face.number == number).network_input
                explained = Explained(number, label, occlusion_map(recognizer.classifier, given, label))
            again = _with_limits(analysis_to_dict(result["photo"], analysis), result)
            form_image = FormImage(image, analysis.photo.width, analysis.photo.height)
            rows = rows_of(analysis.photo, again, 1)
            cards = opened_at_first(rows) | (frozenset({opened}) if opened else frozenset())
            view = view_of(analysis, again, form_image, explained=explained, opened=cards)
    except (PhotoError, UnknownModelError, ValueError) as error:
        # The form is of another version of the site, whose model is missing now or had other labels.
        raise BadSignature from error
    return render_results([view], [again], opened=cards)


def _with_limits(again: AnalysisDict, result: AnalysisDict) -> AnalysisDict:
    """Return the new result with what the search that found its faces left out."""
    again["smallest_face"], again["left_out"] = result["smallest_face"], result["left_out"]
    again["undone"] = result["undone"]
    return again
