"""Forms and images that the pages of a PDF really draw, as opposed to those they list (no Django).

A resource dictionary may list what its page never draws, and several pages and forms may share one.
So the content streams are searched for their Do operators: what is not drawn costs nothing and does
no harm, and a form that lists itself without drawing itself is sound.
"""

# Example: form A draws B 10 times, B draws C 10 times. C counts 1, B 1 + 10 * 1 = 11 and A
# 1 + 10 * 11 = 111. Six such levels draw more than a file is allowed to.

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

DEEPEST = 100  # forms within forms
DRAW = re.compile(rb"/([^\s()<>\[\]{}/%]*)(?:\s|%[^\r\n]{0,999}[\r\n])*\bDo(?![^\s()<>\[\]{}/%])")
ESCAPE = re.compile(rb"#([0-9a-fA-F]{2})")

Number = tuple[int, int]  # of an object, and its generation


@dataclass(frozen=True, slots=True)
class _ResourceScope:
    """Resources in force, and the number of the object that they come from."""

    resources: Any
    owner: Number


class EndlessDrawing(Exception):
    """A form that draws itself, or forms that are nested too deeply."""


class DrawnObjects:
    """Counts of what the content streams of one PDF draw, each stream searched once."""

    def __init__(self) -> None:
        self._drawn: dict[Number, Counter[str]] = {}
        self._times: dict[tuple[Number, Number], int] = {}

    def forms_drawn_by_page(self, page: Any) -> int:
        """Number of times that a page draws forms, all levels together."""
        scope = _ResourceScope(page.obj.get("/Resources") or page.resources, page.obj.objgen)
        if not any(_is_form(item) for _, item in _objects_of(scope)):
            return 0
        names = _drawn_names(_page_content(page))
        return self._forms_drawn(names, scope, ())

    def forms_drawn_by(self, form: Any) -> int:
        """Number of times that a form with its own resources draws forms, itself included."""
        return self._times_of(form, _ResourceScope(form.get("/Resources"), form.objgen), ())

    def images_of(self, page: Any) -> Iterator[Any]:
        """The images that a page draws, also within forms, each once; masks are among them."""
        scope = _ResourceScope(page.obj.get("/Resources") or page.resources, page.obj.objgen)
        seen: set[Number] = set()
        todo = [(_drawn_names(_page_content(page)), scope)]
        while todo:
            names, scope = todo.pop()
            for name, item in _objects_of(scope):
                if name not in names or item.objgen in seen:
                    continue
                seen.add(item.objgen)
                if _is_form(item):
                    todo.append((self._names_in(item), _scope_of(item, scope)))
                else:
                    yield item
                    yield from (
                        mask for key in ("/SMask", "/Mask") if _is_stream(mask := item.get(key))
                    )

    def _forms_drawn(
        self, names: Counter[str], scope: _ResourceScope, above: tuple[Number, ...]
    ) -> int:
        return sum(
            names[name] * self._times_of(item, _scope_of(item, scope), above)
            for name, item in _objects_of(scope)
            if names[name] and _is_form(item)
        )

    def _times_of(self, form: Any, scope: _ResourceScope, above: tuple[Number, ...]) -> int:
        number = form.objgen
        # Without this check a form that draws itself would recurse for ever.
        if number in above or len(above) > DEEPEST:
            raise EndlessDrawing
        if (number, scope.owner) not in self._times:
            inner = self._forms_drawn(self._names_in(form), scope, (*above, number))
            self._times[number, scope.owner] = 1 + inner
        return self._times[number, scope.owner]

    def _names_in(self, form: Any) -> Counter[str]:
        if form.objgen not in self._drawn:
            self._drawn[form.objgen] = _drawn_names(content_of(form))
        return self._drawn[form.objgen]


def content_of(stream: Any) -> bytes:
    """The decoded bytes of a stream of checked size, up to where it is damaged."""
    try:
        return bytes(stream.read_bytes())
    except pikepdf.PdfError:
        return b""


def _page_content(page: Any) -> bytes:
    contents = page.obj.get("/Contents")
    parts = contents if isinstance(contents, pikepdf.Array) else [contents]
    # A name and its operator may be in two parts.
    return b"\n".join(content_of(part) for part in parts if _is_stream(part))


def _drawn_names(content: bytes) -> Counter[str]:
    """Name of an object -> number of times that the content draws it."""
    # Names may be written with escapes: /F#6Fo is /Foo.
    names = Counter(DRAW.findall(content))
    drawn: Counter[str] = Counter()
    for name, times in names.items():
        plain = ESCAPE.sub(lambda code: bytes([int(code[1], 16)]), name)
        drawn["/" + plain.decode("utf-8", "replace")] += times
    return drawn


def _objects_of(scope: _ResourceScope) -> Iterator[tuple[str, Any]]:
    """The forms and images that resources list, with their names."""
    resources = scope.resources
    listed = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    if isinstance(listed, pikepdf.Dictionary):
        yield from ((name, item) for name, item in listed.items() if _is_stream(item))


def _scope_of(form: Any, outer: _ResourceScope) -> _ResourceScope:
    """The resources of a form; without its own, those of what draws it."""
    own = form.get("/Resources")
    return outer if own is None else _ResourceScope(own, form.objgen)


def _is_form(item: Any) -> bool:
    return str(item.get("/Subtype")) == "/Form"


def _is_stream(item: Any) -> bool:
    return isinstance(item, pikepdf.Stream)
