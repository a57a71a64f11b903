"""What a face does, in plain facts: only what is clearly beyond calm faces, and how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.faces.movements import Movement

# (words, what is more) for a measure clearly above those of calm faces, and below; None: not worth a word.
ABOVE = {
    "mouth_open": ("mouth open", "Lips further apart"),
    "mouth_wide": ("mouth wide", "Mouth wider"),
    "corners_up": ("mouth corners up", "Mouth corners higher"),
    "brows_raised": ("brows raised", "Brows higher"),
    "brows_lowered": ("brows lowered at the nose", "Inner ends of the brows lower"),
    "brows_together": ("brows drawn together", "Brows closer together"),
    "eyes_wide": ("eyes wide open", "Eyes wider open"),
    "lids_slanting": ("eyelids slanting down outwards", "Upper eyelids slanting further down outwards"),
}
BELOW = {
    "mouth_wide": ("mouth narrow", "Mouth narrower"),
    "corners_up": ("mouth corners down", "Mouth corners lower"),
    "brows_lowered": ("brows raised at the nose", "Inner ends of the brows higher"),
    "eyes_wide": ("eyes narrow", "Eyes less open"),
}


@dataclass(frozen=True, slots=True)
class MovementView:
    """One fact."""

    words: str  # Such as "mouth corners up".
    size: str  # How many calm faces measure less; a sentence.


def present_movements(movements: Sequence[Movement]) -> tuple[MovementView, ...]:
    """Return the facts worth a word, in the order of the measures."""
    views = (_view(movement) for movement in movements if movement.clear)
    return tuple(view for view in views if view is not None)


def _view(movement: Movement) -> MovementView | None:
    above = movement.share > 0.5
    if movement.name == "turned":
        side = "right" if movement.value > 0 else "left"
        degrees = f"{abs(movement.value):.0f}°"
        return MovementView(
            f"head turned to the {side}", f"Head turned {degrees} to the {side}, as you see it."
        )
    words = (ABOVE if above else BELOW).get(movement.name)
    if words is None:
        return None
    said, more = words
    share = movement.share if above else 1 - movement.share
    # Of a hundred, never all: others would measure more.
    return MovementView(said, f"{more} than in {min(int(100 * share + 1e-6), 99)} of 100 calm faces.")
