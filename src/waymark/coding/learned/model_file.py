"""A trained model as a file, and back: arrays and JSON, nothing that runs when it is opened.

A NumPy archive without pickled objects, so a file from elsewhere cannot run a program.
"""

import io
import json
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from waymark.coding.learned.features import (
    known_terms,
    letter_features,
    restore,
    word_features,
)
from waymark.coding.learned.text_model import TextModel
from waymark.core.errors import FileRefused

FORMAT = 1
ARRAYS = ("weights", "borders", "slopes", "shifts")
MOST_BYTES = 2_000_000_000
"""Of the unpacked arrays: more is no model that this version writes."""


def dump_model(model: TextModel) -> bytes:
    """The model as the bytes of a file."""
    words, word_weights = known_terms(model.words)
    letters, letter_weights = known_terms(model.letters)
    about = {
        "format": FORMAT,
        "codes": model.codes,
        "examples": model.examples,
        "not_learned": model.not_learned,
        "texts": model.texts,
        "threshold": model.threshold,
        "words": words,
        "letters": letters,
    }
    file = io.BytesIO()
    np.savez_compressed(
        file,
        about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        word_weights=word_weights,
        letter_weights=letter_weights,
        **{name: getattr(model, name) for name in ARRAYS},
    )
    return file.getvalue()


def load_model(content: bytes, *, file: str) -> TextModel:
    """The model of a file. Raises FileRefused for what dump_model() did not write."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_BYTES:
                raise ValueError("too large")
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return _model(json.loads(arrays["about"].tobytes()), arrays)
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        remedy = "Train the suggester again"
        raise FileRefused(file, "it is not a model of this version", remedy) from error


def _model(about: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> TextModel:
    if about["format"] != FORMAT:
        raise ValueError(f"format {about['format']}")
    words = restore(word_features(about["texts"]), about["words"], arrays["word_weights"])
    letters = restore(letter_features(about["texts"]), about["letters"], arrays["letter_weights"])
    if arrays["weights"].shape != (len(about["codes"]), len(about["words"] + about["letters"])):
        raise ValueError("shape of weights")
    return TextModel(
        codes=tuple(about["codes"]),
        examples=tuple(about["examples"]),
        not_learned=tuple(about["not_learned"]),
        texts=about["texts"],
        words=words,
        letters=letters,
        threshold=about["threshold"],
        **{name: arrays[name] for name in ARRAYS},
    )
