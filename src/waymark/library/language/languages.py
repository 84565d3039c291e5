"""Detect the language of a text (English, Irish or Welsh) by its commonest words.

Reports from the UK and Ireland are in English, some with passages or a whole translation in Welsh
or Irish. Files do not say so, so each passage is judged by itself, by words that carry grammar
rather than meaning. Words shared by two of the languages (an, is, do, a, i, o) are not listed.
Texts too short to judge, such as a heading of two words, get the language of their surroundings.

Example: "Bhí an leanbh sa bhaile" has "bhí" (strong, 3 points) and "sa" (weak, 2 points) for
Irish and no English word: Irish. "Neglect" alone has no points: the language of its surroundings.
"""

import re
from collections.abc import Sequence

ENGLISH, IRISH, WELSH = "en", "ga", "cy"
LANGUAGES = (ENGLISH, IRISH, WELSH)

STRONG, WEAK, SIGN = 3, 2, 1
ENOUGH = 3
"""Points: one strong word, or a weak one with any other sign."""
MOST_SIGNS = 2
MOST_WORDS_KEPT = 131_072


def _weighted_marks(
    words: str, weight: int, language: str
) -> dict[str, tuple[tuple[str, int], ...]]:
    return dict.fromkeys(words.split(), ((language, weight),))


MARKS: dict[str, tuple[tuple[str, int], ...]] = {
    **_weighted_marks(
        """the of and to in was were for that with on by he she his her their they had have has
        been not from it be this which who are but when would there did should could will after
        before about during""",
        WEAK,
        ENGLISH,
    ),
    **_weighted_marks(
        """agus bhí raibh bhfuil níor nuair chun leis tá bheith éis siad roimh idir muid nach
        orthu uirthi agam aige aici acu""",
        STRONG,
        IRISH,
    ),
    **_weighted_marks(
        """ní sé sí ag seo sin faoi gur ó den don sna sa dá nó mé tú ina thar trí ach gach eile
        le mar""",
        WEAK,
        IRISH,
    ),
    **_weighted_marks(
        """mae roedd oedd wedi gyda cafodd hynny hwnnw honno gwelwyd roeddent oherwydd rhwng
        iddo iddi iddynt ganddo ganddi byddai bydd ddim yng ym ydy sydd eich i'r o'r a'r â'r""",
        STRONG,
        WELSH,
    ),
    **_weighted_marks(
        "y yr yn ei eu ein fy ac ond neu hwn hyn hon fel pan mewn nid nad ni yw wrth heb gan bod",
        WEAK,
        WELSH,
    ),
    "ar": ((IRISH, SIGN), (WELSH, SIGN)),
    "na": ((IRISH, SIGN), (WELSH, SIGN)),
}
# Initial letters, or letters, that only one of the languages has. Capitals are left out: names
# keep the spelling of their own language in any text.
SPELT = {
    IRISH: re.compile(r"\b(?:(?:bhf|gc|bp|dt|bh|dh)[a-záéíóú]|[a-z]+[áéíóú]|[áéíóú][a-z])"),
    WELSH: re.compile(r"\b(?:ngh|nh|ll|dd)[a-zâêîôûŵŷ]|[ŵŷ]"),
}


class _MarksOf(dict[str, tuple[tuple[str, int], ...]]):
    """Cache of word as written -> its marks, because texts repeat their words.

    capitals: True for the first word of a text, where a capital tells nothing. Within a text a weak
    word with a capital is part of a name: Aoife Ní Bhriain.
    """

    def __init__(self, *, capitals: bool) -> None:
        super().__init__()
        self.capitals = capitals

    def __missing__(self, word: str) -> tuple[tuple[str, int], ...]:
        if len(self) >= MOST_WORDS_KEPT:
            self.clear()
        marks = MARKS.get(word.lower().replace("\u2019", "'"), ())
        if not (self.capitals or word[0].islower()):
            marks = tuple(mark for mark in marks if mark[0] == ENGLISH or mark[1] == STRONG)
        self[word] = marks
        return marks


_marks_of_first, _marks_within = _MarksOf(capitals=True), _MarksOf(capitals=False)
_ENGLISH_MARKS = ((ENGLISH, WEAK),)


def language_of(text: str, words: Sequence[str], otherwise: str = ENGLISH) -> str:
    """One of LANGUAGES. words: those of the text; otherwise: result if the text is too short."""
    points = _points_of(words)
    english = points[ENGLISH]
    if english > points[IRISH] and english > points[WELSH]:
        return ENGLISH
    for language, spelling in SPELT.items():
        signs = sum(1 for _, _ in zip(spelling.finditer(text), range(MOST_SIGNS), strict=False))
        points[language] += signs * SIGN
    best = max(IRISH, WELSH, key=points.__getitem__)
    if points[best] >= ENOUGH and points[best] > english:
        return best
    return ENGLISH if english else otherwise


def _points_of(words: Sequence[str]) -> dict[str, int]:
    """Language -> points of the words that are typical of it."""
    points = dict.fromkeys(LANGUAGES, 0)
    # map() and filter() look words up in C: half of a text's words have no marks, and nearly all
    # others are English.
    listed = list(filter(None, map(_marks_within.__getitem__, words[1:])))
    english = listed.count(_ENGLISH_MARKS)
    points[ENGLISH] = english * WEAK
    others = [marks for marks in listed if marks != _ENGLISH_MARKS] if english < len(listed) else []
    for marks in (*others, *(_marks_of_first[word] for word in words[:1])):
        for language, weight in marks:
            points[language] += weight
    return points


def language_of_tag(tag: str) -> str:
    """One of LANGUAGES for a BCP 47 tag, English for any other: cy-GB -> cy, fr -> en."""
    first = tag.split("-")[0].lower()
    return first if first in LANGUAGES else ENGLISH
