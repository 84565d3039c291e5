"""What is inside paragraphs of a Word file: words, breaks, symbols, fields, controls, changes."""

import re
from dataclasses import replace

from waymark.documents.parsers.flow import tidy_text
from waymark.documents.parsers.word.findings import IN_COPY, IN_INDEX, WAS_DELETED, words_within
from waymark.documents.parsers.word.headings import NOTE
from waymark.documents.parsers.word.hidden import Place
from waymark.documents.parsers.word.names import MC, W14, Element, M, W, is_on
from waymark.documents.parsers.word.paragraphs import (
    EMPTY,
    RESULT,
    TICKED,
    OpenField,
    RunState,
    form_value,
)
from waymark.documents.parsers.word.story import StoryReader
from waymark.documents.parsers.word.symbols import symbol_text, text_in_font

LINE_ENDS = re.compile(r"[\r\n\f]+")
INDEX_ENTRY = re.compile(r"\s*(?:XE|TC|TA|RD)\s+", re.IGNORECASE)
# What programs that write drawings of Word 2010 and later ask for; we read those.
READABLE = frozenset(
    {"wps", "wpg", "wpc", "wpi", "wp14", "w14", "w15", "w16", "w16se", "w16cid", "a14", "wne", "m"}
)


def run_text(reader: StoryReader, element: Element, _: Place) -> None:
    text = LINE_ENDS.sub(" ", element.text or "")
    reader.say(text_in_font(text, reader.run_state.font))


def deleted_text(reader: StoryReader, element: Element, _: Place) -> None:
    outer = reader.run_state
    reader.run_state = replace(outer, reason=outer.reason or WAS_DELETED)
    reader.say(LINE_ENDS.sub(" ", element.text or ""))
    reader.run_state = outer


def tab(reader: StoryReader, element: Element, _: Place) -> None:
    reader.say(" ")


def line_break(reader: StoryReader, element: Element, _: Place) -> None:
    reader.say("\f" if element.get(f"{W}type") == "page" else "\n")


def hyphen(reader: StoryReader, element: Element, _: Place) -> None:
    reader.say("-")


def symbol(reader: StoryReader, element: Element, _: Place) -> None:
    try:
        code = int(element.get(f"{W}char", ""), 16)
    except ValueError:
        return
    reader.say(symbol_text(element.get(f"{W}font", ""), code))


def ruby(reader: StoryReader, element: Element, place: Place) -> None:
    """Words with their pronunciation above them: shown in brackets after them."""
    base, above = element.find(f"{W}rubyBase"), element.find(f"{W}rt")
    if base is not None:
        reader.children(base, place)
    if above is not None:
        reader.say(" (")
        reader.children(above, place)
        reader.say(") ")


def fraction(reader: StoryReader, element: Element, place: Place) -> None:
    for place_in_row, child in enumerate(element.iterchildren(f"{M}num", f"{M}den")):
        reader.say("/" if place_in_row else "")
        reader.children(child, place)


def note(reader: StoryReader, element: Element, place: Place) -> None:
    """A reference to a note: its mark, and the note after the paragraph."""
    note = reader.document.notes.cited(element)
    if note is None or reader.open is None:
        return
    reason = reader.run_state.reason
    if reason is not None:
        reader.read(note, replace(place, hidden=reason, part=NOTE))
        return
    mark = reader.document.notes.next_mark(element)
    reader.say(f"[{mark}]" if mark else "")
    paragraphs = reader.read(note, Place(part=NOTE))
    if paragraphs and mark:
        paragraphs[0].text = f"[{mark}] {paragraphs[0].text}"
    reader.open.notes += paragraphs


def field_mark(reader: StoryReader, element: Element, _: Place) -> None:
    kind = element.get(f"{W}fldCharType")
    if kind == "begin":
        texts_before = len(reader.open.words) if reader.open is not None else 0
        reader.fields.append(OpenField(texts_before, form_value(element.find(f"{W}ffData"))))
    elif kind == "separate" and reader.fields:
        reader.fields[-1].state = RESULT
    elif kind == "end" and reader.fields:
        _end_field(reader, reader.fields.pop())


def _end_field(reader: StoryReader, frame: OpenField) -> None:
    words = reader.open.words[frame.texts_before :] if reader.open is not None else []
    if frame.fallback and not any(word.strip() for word in words):
        reader.say(frame.fallback)
    instruction = "".join(frame.instruction)
    if INDEX_ENTRY.match(instruction):
        reader.findings.unsure.append((INDEX_ENTRY.sub("", instruction), IN_INDEX))


def instruction(reader: StoryReader, element: Element, _: Place) -> None:
    if reader.fields:
        reader.fields[-1].instruction.append(element.text or "")


def control(reader: StoryReader, element: Element, place: Place) -> None:
    properties, content = element.find(f"{W}sdtPr"), element.find(f"{W}sdtContent")
    if properties is not None and is_on(properties.find(f"{W}showingPlcHdr")):
        reader.findings.placeholders += 1
        return
    texts_before = len(reader.open.words) if reader.open is not None else 0
    if content is not None:
        reader.children(content, place)
    box = properties.find(f"{W14}checkbox") if properties is not None else None
    if box is not None and reader.open is not None and len(reader.open.words) == texts_before:
        checked = is_on(box.find(f"{W14}checked"), f"{W14}val")
        reader.open.say(TICKED if checked else EMPTY, RunState(place.hidden, place.cause))


def inserted(reader: StoryReader, element: Element, place: Place) -> None:
    reader.findings.insertions += 1
    reader.findings.note_person(element)
    reader.children(element, place)


def deleted(reader: StoryReader, element: Element, place: Place) -> None:
    reader.children(element, reader.deletion(element, place))


def choice(reader: StoryReader, element: Element, place: Place) -> None:
    """One of several ways to draw the same: the first that we know, else the last resort."""
    choices, fallback = element.findall(f"{MC}Choice"), element.find(f"{MC}Fallback")
    chosen = next(
        (choice for choice in choices if READABLE.issuperset(choice.get("Requires", "").split())),
        fallback if fallback is not None else next(iter(choices), None),
    )
    for branch in element:
        if branch is chosen:
            reader.children(branch, place)
        elif place.hidden is None:
            words = tidy_text("".join(words_within(branch)))
            if words:
                reader.findings.unsure.append((words, IN_COPY))
