"""Words of texts as numbers: TF-IDF of words and pairs of words, and of parts of words.

Parts of three to five letters find what whole words miss: endings, misspellings, compounds.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

FEWEST_TEXTS = 100
"""With fewer texts also what occurs in one text alone is a feature."""


def word_features(texts: int) -> "TfidfVectorizer":
    """Vectorizer of words and pairs of words, for a number of texts to learn from."""
    return _vectorizer(ngram_range=(1, 2), min_df=2 if texts >= FEWEST_TEXTS else 1)


def letter_features(texts: int) -> "TfidfVectorizer":
    """Vectorizer of three to five letters within words, for a number of texts to learn from."""
    return _vectorizer(
        analyzer="char_wb", ngram_range=(3, 5), min_df=3 if texts >= FEWEST_TEXTS else 1
    )


def _vectorizer(**options: Any) -> "TfidfVectorizer":
    # Imported here: it takes longer than the rest of the command.
    from sklearn.feature_extraction.text import TfidfVectorizer

    # Of 64 bits: the machine would else copy all features for each code.
    return TfidfVectorizer(sublinear_tf=True, strip_accents="unicode", **options)


def vectors(
    texts: Sequence[str], words: "TfidfVectorizer", letters: "TfidfVectorizer"
) -> "csr_matrix":
    """Rows of features: the words first, then the letters. Shape: texts, features."""
    return _joined(words.transform(texts), letters.transform(texts))


def learned_vectors(
    texts: Sequence[str], words: "TfidfVectorizer", letters: "TfidfVectorizer"
) -> "csr_matrix":
    """The same, after both have learned their features from the texts."""
    return _joined(words.fit_transform(texts), letters.fit_transform(texts))


def _joined(words: Any, letters: Any) -> "csr_matrix":
    return scipy.sparse.hstack([words, letters]).tocsr()


def known_terms(vectorizer: "TfidfVectorizer") -> tuple[list[str], NDArray[np.float64]]:
    """Terms in the order of their columns, and the weight of each (inverse document frequency)."""
    return list(vectorizer.get_feature_names_out()), vectorizer.idf_


def restore(
    vectorizer: "TfidfVectorizer", terms: Sequence[str], weights: NDArray[np.float64]
) -> "TfidfVectorizer":
    """The vectorizer with what it once learned."""
    vectorizer.vocabulary_ = {term: column for column, term in enumerate(terms)}
    vectorizer.idf_ = weights
    return vectorizer
