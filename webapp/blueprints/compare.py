"""One photo classified by every saved model, side by side."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, render_template, request

from model import PhotoError
from model.detection.search import surest
from model.output.serialize import AnalysisDict, analysis_to_dict
from model.store.files import SavedModelError
from model.types import Detection
from webapp.blueprints.forms import Refused, Upload, UploadForm
from webapp.blueprints.results import STATUS
from webapp.middleware.multipart_form import takes
from webapp.presenters import messages
from webapp.presenters.compare import MOST_FACES, STAGE_SIDE, ComparedView, Comparison
from webapp.presenters.model_choice import choices
from webapp.samples import SAMPLES
from webapp.services import rate_limit, signed_results
from webapp.services.carried import found_before
from webapp.services.inference import current_models, inference_slot, make_room
from webapp.services.request_stats import current_stats
from webapp.services.turns import expected_seconds
from webapp.settings import current_settings

bp = Blueprint("compare", __name__)


@bp.get("/compare")
def form() -> str:
    """Show the form for a photo, and the models."""
    return _ask()


@bp.post("/compare")
@takes(photos=True, carried=True)
def compare() -> str | tuple[str, int]:
    """Classify the uploaded photo, or the faces in the results page's form, with all models."""
    try:
        if "image" in request.form:
            result, photo = signed_results.single(request.form, current_settings.max_upload_bytes)
            rate_limit.consume_photos([photo], models=len(current_models().names))
            return _page(result["photo"], photo, lambda: found_before(photo, result), photo)
        upload = _upload()
        rate_limit.consume_photos([upload.content], models=len(current_models().names))
        return _page(upload.name, upload.content, lambda: current_models().default.detect(upload.content))
    except signed_results.BadSignature as error:
        return render_template("errors/error.html", code=400, kind=error.kind), 400
    except Refused as refusal:
        return _ask(refusal.sentence), refusal.status
    except PhotoError as error:
        current_stats().refused += 1
        return _ask(error.message), STATUS.get(type(error), 400)


def _upload() -> Upload:
    files = UploadForm().uploads()
    if len(files) > 1:
        raise Refused(messages.ONE_AT_A_TIME)
    return files[0]


def _page(name: str, content: bytes, detect: Callable[[], Detection], image: bytes = b"") -> str:
    """Return the page of the photo ``name``, whose faces ``detect`` finds in ``content``.

    ``image`` is its picture in the form.
    """
    left_out: list[str] = []

    def leave_out(model: str, error: SavedModelError) -> None:
        current_app.logger.error("Left out of the comparison: %s", error)
        left_out.append(model)

    with inference_slot(expected_seconds(content, len(current_models().names))):
        detection = detect()
        compared = surest(detection, MOST_FACES)
        view, result = _compared(name, compared, len(detection.faces), left_out, leave_out)
        if not image:
            image = signed_results.encode_image(detection.photo.pixels, signed_results.SIDE_ALONE).content
    carried = None
    if result is not None and compared.faces:
        carried = {
            "result": signed_results.dumps([result], image),
            "image": signed_results.to_field(image),
        }
    return render_template("compared.html", compared=view, carried=carried)


def _compared(
    name: str,
    compared: Detection,
    found: int,
    left_out: list[str],
    leave_out: Callable[[str, SavedModelError], None],
) -> tuple[ComparedView, AnalysisDict | None]:
    """Return the view of the faces, classified by one model after the other, and the first one's result.

    To be called in a slot; ``found`` is how many faces there are beside them.
    """
    models, stats = current_models(), current_stats()
    named = {choice.name: choice for choice in choices(models)}
    page = Comparison(compared, found)
    result: AnalysisDict | None = None
    for analysis in models.classify_by_each(compared, left_out=leave_out, crop_side=STAGE_SIDE):
        if result is None:
            stats.add_analysis(analysis)
            result = analysis_to_dict(name, analysis)
        else:
            stats.seconds["classify"] += analysis.timings_ms.classify / 1000
        page.add(analysis, named[analysis.model.name])
        # Before the next model makes its own.
        del analysis
        make_room()
    return page.view(left_out), result


def _ask(*errors: str) -> str:
    models = choices(current_models())
    return render_template(
        "compare.html", form=UploadForm.blank(), errors=errors, models=models, samples=SAMPLES
    )
