"""Words that point to what readers may find distressing, for pages that hide passages on request.

A help for people who read such reports all day. It misses passages and hides harmless ones, so it
is never used to leave anything out.
"""

import re
from collections.abc import Collection
from functools import lru_cache

from waymark.library.catalogue.content_notes import ContentNote

_OF_HARM = (
    r"injur\w*", r"bruis\w*", r"fractur\w*", r"wound\w*", r"blood\w*", r"violen\w*", r"assault\w*",
    r"post.?mortem\w*", r"died", r"dies", r"death\w*", r"dead",
)  # fmt: skip
_WORDS = {
    ContentNote.SUICIDE: (r"suicid\w*", r"hang(?:ed|ing)", r"ligature\w*", r"overdos\w*"),
    ContentNote.SELF_HARM: (r"self.?harm\w*", r"self.?injur\w*", r"cut(?:ting)? h(?:er|im)self"),
    ContentNote.SEXUAL_ABUSE: (r"sexual\w*", r"rap(?:e|ed|es)", r"indecent\w*", r"exploit\w*"),
    ContentNote.BABY_DEATH: (r"stillb\w*", r"suffocat\w*", r"overla(?:y|id|in)\w*"),
    ContentNote.CHILD_DEATH: (r"drown\w*", r"kill(?:ed|ing)s?", r"murder\w*", r"manslaughter"),
    ContentNote.CRUELTY: (
        r"beat(?:en|ing|ings)", r"burn(?:s|ed|t)?", r"scald\w*", r"shak(?:en|ing)", r"smack\w*",
        r"tortur\w*", r"cruel\w*", r"hit h(?:er|im)", r"bit(?:e|es|ten)",
    ),
    ContentNote.DOMESTIC_VIOLENCE: (r"strangl\w*", r"chok(?:ed|ing)", r"stab\w*", r"punch\w*"),
    ContentNote.NEGLECT: (r"starv\w*", r"emaciat\w*", r"malnou?r\w*", r"filth\w*", r"soiled"),
}  # fmt: skip


def is_distressing(text: str, notes: Collection[ContentNote] = ()) -> bool:
    """Whether words of a text point to harm of these kinds; without notes, of any kind."""
    return _pattern(tuple(notes) or tuple(ContentNote)).search(text) is not None


@lru_cache(maxsize=64)
def _pattern(notes: tuple[ContentNote, ...]) -> re.Pattern[str]:
    words = [*_OF_HARM, *(word for note in notes for word in _WORDS[note])]
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)
