"""Straighten the image of a scanned page (no Django)."""

# Example: on a page turned by 1.5 degrees, the dark pixels of a line of text 2,000 pixels wide lie
# in 52 more rows than on a straight page. Sheared by the right angle, rows are full or empty, so
# the counts of neighbouring rows differ most; that angle is looked for, in steps of half a degree
# and then of a tenth.

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DARKER = 60  # of 255, than the paper
FEWEST_DARK = 300  # pixels, to measure an angle by
MOST_DARK = 100_000
MOST_DEGREES = 5.0
LEAST_DEGREES = 0.15  # a smaller angle is not worth the loss of sharpness
MEASURED_AT = 100  # dots per inch


def skew_angle(pixels: NDArray[np.uint8], dots_per_inch: int) -> float:
    """Degrees, anticlockwise, that straighten a page in grey; 0 if it is straight or empty."""
    step = max(1, dots_per_inch // MEASURED_AT)
    small = _reduced(pixels, step)
    rows, columns = np.nonzero(small < float(np.median(small)) - DARKER)
    if len(rows) < FEWEST_DARK:
        return 0.0
    if len(rows) > MOST_DARK:
        some = np.linspace(0, len(rows) - 1, MOST_DARK).astype(np.int64)
        rows, columns = rows[some], columns[some]

    def sharpness(degrees: float) -> float:
        sheared = np.rint(rows + columns * np.tan(np.radians(-degrees))).astype(np.int64)
        counts = np.bincount(sheared - sheared.min()).astype(np.float64)
        return float((np.diff(counts) ** 2).sum())

    rough = max(np.arange(-MOST_DEGREES, MOST_DEGREES + 0.1, 0.5).tolist(), key=sharpness)
    angle = max((rough + np.arange(-0.4, 0.41, 0.1)).tolist(), key=sharpness)
    return round(angle, 2) if abs(angle) > LEAST_DEGREES else 0.0


def _reduced(pixels: NDArray[np.uint8], step: int) -> NDArray[np.float64]:
    """Means of squares of step x step pixels."""
    high, wide = pixels.shape[0] // step, pixels.shape[1] // step
    squares = pixels[: high * step, : wide * step].reshape(high, step, wide, step)
    means: NDArray[np.float64] = squares.mean(axis=(1, 3))
    return means


def straightened(image: Image.Image, angle: float) -> Image.Image:
    """The image turned by an angle about its middle and enlarged, so that no corner is lost."""
    if not angle:
        return image
    paper = int(np.median(np.asarray(image.reduce(4))))
    return image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)


def unexpanded(before: tuple[int, int], after: tuple[int, int]) -> tuple[float, float]:
    """Where the corner of an image lies in the enlarged one with the same middle."""
    return (after[0] - before[0]) / 2, (after[1] - before[1]) / 2
