"""Detection passes: which are run over a photo, and which of them says where its faces are.

A photo is searched upright. Only where that finds no sure face it is searched rotated by 90°, 180° and 270°, since a
phone's photo without an EXIF orientation may lie on its side; in between, by 45° and so on, for heads that lean;
upscaled, for small faces; and with low thresholds of the P- and R-Net, for blurred ones. A large photo is searched for
small faces in any case, in tiles (``detect_small``), and then not upscaled.

``static/js/reading/passes.js`` does the same in the browser; ``python -m bench.parity`` compares the two.

A photo that stands upright must stay so. MTCNN may score its face higher lying than upright, with the landmarks where
they are, so a rotated photo is taken only if the mouth of its best face is below the eyes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..geometry import Pixels
from ..types import Detection, DetectionPass, Face, Photo, SearchLimits
from .budget import Budget
from .merge import merged, surest
from .rotation import from_rotated, lean, rotate_by, rotate_clockwise

Faces = tuple[Face, ...]

ROTATIONS = (90, 180, 270)
BETWEEN = (45, 315, 135, 225)
# Degrees, of a photo that is then searched for faint faces. Of 18 faces of FER-2013 in larger photos that all other
# passes missed, ten are found so, and something in 5 of 75 pictures without faces, never surely.
TILT, TILTED_SIDE = 20, 320  # The second in pixels: the long side to which a photo is shrunk first.
# Scores that a faint face needs upright, and tilted. Above the third, something upright is worth a look tilted: of 900
# of those photos, 2 have a face that is found tilted without it, and 27 with it.
FAINT_SCORE, TILTED_SCORE, HOPE = 0.8, 0.5, 0.1
# MTCNN also finds faces that lie or are upside down, with a lower score, and they are then classified upright all the
# same. Measured on the sample portrait: 0.999 upright, 0.973 and 0.822 lying. Below this score, rotations are tried.
ACCEPT_SCORE = 0.985
# A rotated photo is taken only if its best score reaches the first, and exceeds the upright photo's by the second.
MIN_ROTATED_SCORE = 0.97
MIN_ROTATED_GAIN = 0.01
# The first of these where nothing at all is found upright: of 531 press photos turned by 90°, 180° and 270° each, nine
# of 22 that stayed as they lay scored between this and that, and none that stands upright was turned by it.
MIN_ROTATED_SCORE_ALONE = 0.9
# Degrees between the line from the eyes to the mouth and straight down, at most, of the best face in a rotated photo.
# Measured on press photos: at most 19 in 77 that lay on their side, 43 to 92 in seven that a rotation laid there.
MAX_LEAN = 30.0
# The same where nothing is found upright nor in between; beyond it, another rotation would be nearer.
MAX_LEAN_ALONE = 45.0
SMALL_FACE = 24.0  # Pixels of the photo: the smallest face that is readable, and looked for in a large photo.
# What ``SearchLimits.undone`` may name.
ROTATED, LEANING, SMALL, UPSCALED, FAINT = "rotated", "leaning", "small", "upscaled", "faint"


class PassDetector(Protocol):
    """One pass of each kind over RGB uint8 (height, width, 3), see ``MtcnnDetector``; faces come largest first."""

    def detect_faces(self, pixels: Pixels) -> Faces: ...

    def glance(self, pixels: Pixels, rotations: Sequence[int]) -> frozenset[int]: ...

    def detect_quick(self, pixels: Pixels, *, mirrored: bool) -> Faces: ...

    def detect_small(self, pixels: Pixels, goes_on: Callable[[], bool]) -> tuple[Faces, int]: ...

    def detect_upscaled(self, pixels: Pixels) -> Faces: ...

    def detect_low_threshold(
        self, pixels: Pixels, *, least: float, tilted: bool = False, smaller: bool = False
    ) -> Faces: ...

    def smallest_face(self, pixels: Pixels) -> float: ...


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller chooses."""

    rotate: bool = True  # False: the photo is read as it came.


@dataclass(slots=True)
class _Search:
    """One photo's search: what was found so far."""

    detector: PassDetector
    budget: Budget
    photo: Photo  # Rotated clockwise by ``rotation`` degrees.
    rotation: int = 0
    faces: Faces = ()
    passes: list[DetectionPass] = field(default_factory=list)


def search(detector: PassDetector, photo: Photo, budget: Budget, options: Options = Options()) -> Detection:
    """Run the passes and merge what they find.

    A photo whose file says which way is up is rotated only if no face at all is found in it as it is. Without any
    face, ``Detection.photo`` is the upright one.
    """
    state = _Search(detector, budget, photo)
    state.faces = detector.detect_faces(photo.pixels)
    _note(state, state.faces)
    if _best(state.faces) < ACCEPT_SCORE:
        lying = _rotate(state) if options.rotate and not (state.faces and photo.oriented) else None
        if state.rotation == 0:
            _look_between(state, lying)
    smallest = _look_for_small(state)
    if not state.faces:
        _look_for_faint(state)
    kept = surest(state.faces)
    limits = SearchLimits(smallest, len(state.faces) - len(kept), budget.undone)
    return Detection(state.photo, kept, state.rotation, tuple(state.passes), limits=limits)


def _rotate(state: _Search) -> tuple[int, Faces] | None:
    """Take the rotation by a multiple of 90° in which the best face is upright and surest, if there is one.

    If none is, the surest rotation is returned whose best face leans by up to ``MAX_LEAN_ALONE``.
    """
    upright: list[tuple[int, Faces]] = []
    leaning: list[tuple[int, Faces]] = []
    least = max(MIN_ROTATED_SCORE, _best(state.faces) + MIN_ROTATED_GAIN)
    if not state.faces:
        least = MIN_ROTATED_SCORE_ALONE
    worth = state.detector.glance(state.photo.pixels, ROTATIONS)
    for rotation in ROTATIONS:
        if not state.budget.allows(ROTATED):
            break
        faces: Faces = ()
        if rotation in worth:
            # Where there is a face, one that the border cuts does not tell that another way is up.
            rotated = rotate_clockwise(state.photo, rotation).pixels
            faces = state.detector.detect_quick(rotated, mirrored=not state.faces)
        _note(state, faces, rotation=rotation)
        if _best(faces) < least:
            continue
        off = lean(_surest(faces))
        if off <= MAX_LEAN:
            upright.append((rotation, faces))
        elif off <= MAX_LEAN_ALONE and not state.faces:
            leaning.append((rotation, faces))
    if upright:
        _turn(state, *max(upright, key=lambda found: _best(found[1])))
        return None
    return max(leaning, key=lambda found: _best(found[1]), default=None)


def _turn(state: _Search, rotation: int, faces: Faces) -> None:
    """Take the rotated photo, in which ``faces`` were found, and search it as thoroughly as one that came upright."""
    state.photo, state.rotation = rotate_clockwise(state.photo, rotation), rotation
    thorough = state.detector.detect_faces(state.photo.pixels)
    _note(state, thorough, rotation=rotation)
    state.faces = merged(thorough, faces)


def _look_between(state: _Search, lying: tuple[int, Faces] | None) -> None:
    """Look for heads that lean by 45° or more, where no face is sure and upright; ``lying`` is the next best.

    The photo stays as it is, and the heads' faces are placed in it. A face that seems upright in the photo as it is
    must be surpassed, as by a rotation.
    """
    least = MIN_ROTATED_SCORE
    if state.faces and lean(_surest(state.faces)) <= MAX_LEAN:
        least = max(least, _best(state.faces) + MIN_ROTATED_GAIN)
    found: list[Faces] = [state.faces]
    worth = state.detector.glance(state.photo.pixels, BETWEEN)
    for angle in BETWEEN:
        if not state.budget.allows(LEANING):
            break
        if angle not in worth:
            _note(state, (), rotation=angle)
            continue
        rotated, back = rotate_by(state.photo.pixels, angle)
        faces = state.detector.detect_quick(rotated, mirrored=False)
        sure = [face for face in faces if face.score >= least and lean(face) <= MAX_LEAN]
        _note(state, tuple(sure), rotation=angle)
        found.append(tuple(from_rotated(face, back, state.photo) for face in sure))
    together = merged(*found)
    if together or lying is None:
        state.faces = together
    else:
        _turn(state, *lying)


def _look_for_small(state: _Search) -> float:
    """Look for the faces that are too small for the first pass; return the size from which on all were sought.

    In a large photo at its full size, tile by tile; a smaller one is upscaled if nothing was found in it.
    """
    detector, pixels = state.detector, state.photo.pixels
    small, tiles = detector.detect_small(pixels, lambda: state.budget.allows(SMALL))
    if tiles:
        state.passes.append(DetectionPass(state.rotation, upscaled=False, faces=len(small), tiles=tiles))
        state.faces = merged(state.faces, small)
    elif not state.faces and state.budget.allows(UPSCALED):
        state.faces = detector.detect_upscaled(pixels)
        _note(state, state.faces, upscaled=True, rotation=state.rotation)
    return SMALL_FACE if tiles and SMALL not in state.budget.undone else detector.smallest_face(pixels)


def _look_for_faint(state: _Search) -> None:
    """Look for blurred, half-covered and other faint faces: upright, tilted a little to either side, at last smaller.

    A face that the networks just miss they often take when it is tilted; after the first pass only where it showed
    something that might be one.
    """
    pixels = state.photo.pixels
    if not state.budget.allows(FAINT):
        return
    hopes = state.detector.detect_low_threshold(pixels, least=HOPE)
    state.faces = tuple(face for face in hopes if face.score > FAINT_SCORE)
    _note(state, state.faces, low_threshold=True)
    if state.faces or not hopes or not state.budget.allows(FAINT):
        return
    found = []
    for tilt in (TILT, 360 - TILT):
        tilted, back = rotate_by(pixels, tilt, TILTED_SIDE)
        faces = state.detector.detect_low_threshold(tilted, least=TILTED_SCORE, tilted=True)
        _note(state, faces, rotation=tilt, low_threshold=True)
        found.append(tuple(from_rotated(face, back, state.photo) for face in faces))
    state.faces = merged(*found)
    if not state.faces and state.budget.allows(FAINT):
        state.faces = state.detector.detect_low_threshold(pixels, least=FAINT_SCORE, smaller=True)
        _note(state, state.faces, low_threshold=True)


def _note(
    state: _Search, faces: Faces, *, rotation: int = 0, upscaled: bool = False, low_threshold: bool = False
) -> None:
    state.passes.append(DetectionPass(rotation, upscaled, len(faces), low_threshold))


def _surest(faces: Faces) -> Face:
    return max(faces, key=lambda face: face.score)


def _best(faces: Faces) -> float:
    return max((face.score for face in faces), default=0.0)
