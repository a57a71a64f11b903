"""Make the site's sample photos from two public-domain portraits: ``python -m scripts.make_samples``.

The portraits are NASA's of Eileen Collins as scikit-image ships it, and the US Navy's of Grace Hopper as Matplotlib
ships it. Each sample teaches one thing: what a smile and a calm face give, what rotation, little light, a small face, a
cut or covered one, many faces, and a drawing do, and one that the model gets wrong. All parameters and random choices
are fixed, so a second run writes the same images. The site reads them through ``webapp.samples``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps
from skimage import data

from scripts.sample_drawing import drawing

STATIC = Path(__file__).resolve().parent.parent / "static"
SEED = 7
# The face in the portrait, in its pixels: x, y, width, height.
FACE = (182, 64, 84, 107)
WALL, TABLE, PAPER = (214, 219, 217), (122, 98, 80), (250, 249, 245)
# The colours of the site.
GROUND, INK, ACCENT = (250, 248, 243), (23, 21, 31), (67, 48, 209)
# Prints on the table: whose, centre, scale, degrees anticlockwise, mirrored.
PRINTS = (
    ("astronaut", (285, 318), 0.90, 7, False),
    ("hopper", (740, 250), 0.75, -4, True),
    ("astronaut", (1130, 270), 0.85, -9, False),
    ("hopper", (170, 760), 0.55, -12, True),
    ("astronaut", (560, 720), 0.80, 3, True),
    ("hopper", (960, 740), 0.60, 11, False),
    ("astronaut", (1270, 730), 0.45, -6, True),
)
# The mask's outline and its folds in the portrait's pixels, drawn around nose and mouth.
MASK = [(187, 119), (204, 112), (224, 108), (243, 113), (259, 121), (258, 143), (246, 164), (224, 174)]
MASK += [(202, 163), (190, 142)]
FOLDS = [((190, 131), (224, 127), (258, 133)), ((191, 143), (224, 141), (256, 145))]
FOLDS += [((197, 155), (224, 156), (250, 157))]
LOOPS = [
    ((188, 121), (177, 119)),
    ((191, 142), (178, 131)),
    ((258, 123), (265, 121)),
    ((257, 143), (265, 132)),
]
FINE = 4


def hopper() -> Image.Image:
    """Return the portrait of Grace Hopper that Matplotlib ships, 512×600."""
    with Image.open(Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg") as picture:
        return picture.convert("RGB")


def turned(portrait: Image.Image) -> Image.Image:
    """Return the portrait lying on its side, as a phone saves it that lost the orientation."""
    return portrait.transpose(Image.Transpose.ROTATE_90)


def cut(portrait: Image.Image) -> Image.Image:
    """Return the right part of Hopper's portrait, with half of her face."""
    return portrait.crop((265, 0, 512, 600))


def squeezed(portrait: Image.Image) -> Image.Image:
    """Return Hopper's head at half its height, as a picture looks that was fitted into a wrong frame."""
    return portrait.crop((60, 20, 460, 420)).resize((512, 256), Image.Resampling.LANCZOS)


def together(left: Image.Image, right: Image.Image) -> Image.Image:
    """Return both portraits side by side, 720×480, their faces at about the same size."""
    scene = Image.new("RGB", (720, 480))
    scene.paste(left.crop((104, 0, 344, 320)).resize((360, 480), Image.Resampling.LANCZOS), (0, 0))
    scene.paste(right.crop((76, 30, 448, 526)).resize((360, 480), Image.Resampling.LANCZOS), (360, 0))
    return scene


def dim(portrait: Image.Image) -> Image.Image:
    """Return the portrait with a sixth of its light and the noise that a sensor adds then."""
    light = np.asarray(portrait, dtype=np.float32) / 6
    noise = np.random.default_rng(SEED).normal(0, 2.5, light.shape)
    return Image.fromarray(np.clip(light + noise, 0, 255).astype(np.uint8))


def small(portrait: Image.Image) -> Image.Image:
    """Return a wall of 1,200×800 with the portrait in a frame on it, its face 40 pixels wide."""
    scene = textured((1200, 800), WALL, light=(0.3, 0.2))
    floor = textured((1200, 110), (146, 120, 98), light=(0.3, 0.0))
    scene.paste(floor, (0, 690))
    ImageDraw.Draw(scene).rectangle((0, 676, 1200, 690), fill=(236, 236, 232))
    return put(scene, framed(portrait, 40 / FACE[2], border=16, paper=(52, 46, 42)), (455, 330), 0)


def several(portraits: dict[str, Image.Image]) -> Image.Image:
    """Return a table of 1,440×1,000 with seven prints of the portraits, some mirrored, all a little tilted."""
    scene = textured((1440, 1000), TABLE, light=(0.5, 0.3))
    for whose, centre, scale, degrees, mirrored in PRINTS:
        picture = ImageOps.mirror(portraits[whose]) if mirrored else portraits[whose]
        scene = put(scene, framed(picture, scale, border=14, paper=PAPER), centre, degrees)
    return scene


def masked(portrait: Image.Image) -> Image.Image:
    """Return the portrait with a drawn face mask over nose and mouth."""
    layer = Image.new("RGBA", (portrait.width * FINE, portrait.height * FINE))
    pen = ImageDraw.Draw(layer)
    for loop in LOOPS:
        pen.line(fine(loop), fill=(228, 236, 240, 255), width=2 * FINE)
    pen.polygon(fine(MASK), fill=(142, 189, 209, 255))
    for fold in FOLDS:
        pen.line(fine(fold), fill=(112, 162, 186, 255), width=FINE + 2)
    pen.line(fine(MASK[:5]), fill=(226, 238, 244, 255), width=2 * FINE)
    layer = layer.filter(ImageFilter.GaussianBlur(FINE * 0.6)).resize(portrait.size, Image.Resampling.LANCZOS)
    return Image.alpha_composite(portrait.convert("RGBA"), layer).convert("RGB")


def pictures(astronaut: Image.Image, calm: Image.Image) -> dict[str, Image.Image]:
    """Return every sample that is made of the two portraits, or of none, by the name of its file."""
    square = calm.crop((44, 0, 468, 424)).resize((512, 512), Image.Resampling.LANCZOS)
    return {
        "together": together(astronaut, calm),
        "masked": masked(astronaut),
        "dim": dim(astronaut),
        "small": small(astronaut),
        "turned": turned(calm),
        "cut": cut(calm),
        "several": several({"astronaut": astronaut, "hopper": square}),
        "drawing": drawing(),
        "squeezed": squeezed(calm),
    }


def textured(size: tuple[int, int], colour: tuple[int, int, int], light: tuple[float, float]) -> Image.Image:
    """Return a plain surface, brightest at ``light`` (shares of width and height), with a little grain."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    far = np.hypot(x / width - light[0], y / height - light[1])[..., None]
    grain = np.random.default_rng(SEED).normal(0, 2, (height, width, 1))
    return Image.fromarray(np.clip(np.array(colour) * (1.08 - 0.3 * far) + grain, 0, 255).astype(np.uint8))


def framed(picture: Image.Image, scale: float, border: int, paper: tuple[int, int, int]) -> Image.Image:
    """Return the picture at the given scale inside a border of so many pixels."""
    side = round(picture.width * scale)
    return ImageOps.expand(picture.resize((side, side), Image.Resampling.LANCZOS), border, paper)


def put(scene: Image.Image, sheet: Image.Image, centre: tuple[int, int], degrees: float) -> Image.Image:
    """Return the scene with a sheet on it, turned anticlockwise, and the sheet's soft shadow."""
    cut = sheet.convert("RGBA").rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    corner = (centre[0] - cut.width // 2, centre[1] - cut.height // 2)
    shadow = Image.new("L", scene.size)
    shadow.paste(cut.getchannel("A").point(lambda a: a * 2 // 5), (corner[0] + 4, corner[1] + 8))
    scene = Image.composite(Image.new("RGB", scene.size), scene, shadow.filter(ImageFilter.GaussianBlur(8)))
    scene.paste(cut, corner, cut)
    return scene


def fine(points: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Return points of the portrait in the finer raster that smooth edges are drawn in."""
    return [(x * FINE, y * FINE) for x, y in points]


def thumbnail(name: str, picture: Image.Image) -> Image.Image:
    """Return the small square on a sample's button; of a scene it shows the part with faces."""
    parts = {
        "hopper": (102, 40, 422, 360),
        "together": (120, 0, 600, 480),
        "turned": (60, 90, 420, 450),
        "small": (155, 80, 755, 680),
        "several": (0, 0, 1000, 1000),
        "cut": (0, 80, 247, 327),
        "drawing": (56, 30, 456, 430),
        "squeezed": (128, 0, 384, 256),
    }
    return ImageOps.fit(picture.crop(parts.get(name, (84, 0, 364, 280))), (120, 120))


def card(portrait: Image.Image) -> Image.Image:
    """Return the picture that other sites show beside a link: 1,200×630, portrait, face, and what a model gets."""
    picture = Image.new("RGB", (1200, 630), GROUND)
    picture.paste(portrait.resize((630, 630), Image.Resampling.LANCZOS), (570, 0))
    x, y, width, height = (round(value * 630 / 512) for value in FACE)
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((570 + x, y, 570 + x + width, y + height), 6, outline=(16, 16, 16), width=8)
    pen.rounded_rectangle(
        (572 + x, y + 2, 568 + x + width, y + height - 2), 5, outline=(255, 236, 64), width=4
    )
    pen.text((56, 52), "Face Value", fill=ACCENT, font=lettering(40, 800))
    pen.text(
        (56, 128), "What does\na face look like\nto a machine?", fill=INK, font=lettering(66, 800), spacing=4
    )
    left, top, side = FACE[0] + FACE[2] // 2 - 53, FACE[1] + FACE[3] // 2 - 53, 106
    face = portrait.crop((left, top, left + side, top + side))
    gray = face.convert("L").resize((48, 48), Image.Resampling.BOX).convert("RGB")
    for place, tile in enumerate(
        (face.resize((176, 176)), gray.resize((176, 176), Image.Resampling.NEAREST))
    ):
        corner = (56 + 236 * place, 398)
        picture.paste(tile, corner, rounded(tile.size, 20))
    pen.line((246, 474, 262, 486, 246, 498), fill=ACCENT, width=6, joint="curve")
    return picture


def lettering(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """Return the site's font."""
    font = ImageFont.truetype(STATIC / "vendor" / "bricolage-grotesque" / "bricolage-grotesque.woff2", size)
    font.set_variation_by_axes([weight])
    return font


def rounded(size: tuple[int, int], radius: int) -> Image.Image:
    """Return a mask with round corners, its edges smooth."""
    mask = Image.new("L", (4 * size[0], 4 * size[1]))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), 4 * radius, fill=255)
    return mask.resize(size, Image.Resampling.LANCZOS)


def main() -> None:
    """Write every sample, its thumbnail and the link picture under the static folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=STATIC)
    out = parser.parse_args().out
    astronaut, calm = Image.fromarray(data.astronaut()), hopper()
    thumbnails = out / "samples" / "thumbnails"
    thumbnails.mkdir(parents=True, exist_ok=True)
    for name, portrait in {"astronaut": astronaut, "hopper": calm}.items():
        portrait.save(out / "samples" / f"{name}.jpg", quality=88, progressive=True)
        thumbnail(name, portrait).save(thumbnails / f"{name}.webp", quality=62)
    for name, picture in pictures(astronaut, calm).items():
        picture.save(out / "samples" / f"{name}.jpg", quality=78, optimize=True, progressive=True)
        thumbnail(name, picture).save(thumbnails / f"{name}.webp", quality=62)
    card(astronaut).save(out / "card.jpg", quality=80, optimize=True, progressive=True)


if __name__ == "__main__":
    main()
