"""Services that add a briefing and save its texts.

`by` is the person who acts, under their own name.
"""

import re
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account
from waymark.briefings.queries.drafts import KINDS, WRITE
from waymark.briefings.text.about import ABOUT, BriefingAbout, about_yaml, read_about
from waymark.briefings.text.sections import slots_of
from waymark.core.errors import RuleError
from waymark.documents.keys import parse_span_key
from waymark.publishing.models import Manuscript, ReportVersion
from waymark.publishing.services.manuscripts import accepted_text, save_version

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@audit.serialized_in("briefings", "publishing")
def add_briefing(
    *, by: Actor, kind: str, slug: str, about: BriefingAbout, now: datetime
) -> Manuscript:
    """Add a briefing or guide with its description.

    slug: its name in addresses, which cannot be changed later. Raises NotPermitted, RuleError for a
    name that is taken or not possible.
    """
    require_account(by, WRITE, "add a briefing")
    if kind not in KINDS:
        raise RuleError("choose if this is a briefing or a guide")
    if not SLUG.fullmatch(slug) or len(slug) > 60:
        raise RuleError(
            "the web address name can have lower-case letters, digits and single hyphens, at most"
            f" 60 characters: not {slug[:80]}"
        )
    if Manuscript.objects.filter(kind=kind, slug=slug).exists():
        raise RuleError(f"there is already a {kind} {slug}: choose another web address name")
    manuscript = Manuscript.objects.create(kind=kind, slug=slug)
    audit.record_about(by, f"add {kind}", manuscript, now)
    save_version(by=by, manuscript=manuscript, slot=ABOUT, text=about_yaml(about), base=0, now=now)
    return manuscript


@audit.serialized_in("briefings", "publishing")
def save_briefing_text(
    *, by: Actor, manuscript: Manuscript, slot: str, text: str, base: int, now: datetime
) -> ReportVersion | None:
    """Save a text of a briefing: see manuscripts.save_version().

    Raises also RuleError for a text that its kind does not have, SpecError for a description that
    cannot be read.
    """
    require_account(by, WRITE, "save a text")
    if slot == ABOUT:
        read_about(accepted_text(slot, text))
    elif slot not in slots_of(manuscript.kind):
        names = ", ".join(slots_of(manuscript.kind))
        raise RuleError(f"a {manuscript.kind} has no text {slot}: it has {names}")
    return save_version(by=by, manuscript=manuscript, slot=slot, text=text, base=base, now=now)


PLACE = "[@]"
"""Mark of the place in a text where the next passage is to be cited."""


def with_passage(text: str, key: str, *, quote: bool) -> str:
    """Text that cites a passage where it has [@], else at its end; quote: with its words.

    Raises ParseError for what is no citation key.
    """
    parse_span_key(key)
    if quote:
        return f"{text.rstrip()}\n\n{{quote {key}}}\n".lstrip()
    if PLACE in text:
        return text.replace(PLACE, f"[@{key}]", 1)
    return f"{text.rstrip()} [@{key}]\n".lstrip()
