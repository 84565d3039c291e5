"""A thesaurus as plain values: what it may say, and its SKOS Turtle (read, checked, written).

One way to say a thing: narrower is read as broader the other way round; what stands at the top is
what has nothing broader. What a file says beyond that is not kept, and told.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rdflib import Graph, Literal, Node, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, SKOS
from rdflib.plugins.parsers.notation3 import BadSyntax

from waymark.core.errors import Fault, SpecError
from waymark.library.analysis import runs_of
from waymark.library.languages import LANGUAGES, language_said

MOST_BYTES = 5 * 1024 * 1024
MOST_SUBJECTS = 20_000
LONGEST_LABEL = 120
LONGEST_NOTE = 4_000
DEEPEST = 200
KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,1}")
PREFERRED, ALTERNATIVE, HIDDEN = "preferred", "alternative", "hidden"
KINDS: dict[str, URIRef] = {
    PREFERRED: SKOS.prefLabel,
    ALTERNATIVE: SKOS.altLabel,
    HIDDEN: SKOS.hiddenLabel,
}
# Said by a file, kept by us in another way: not to be told as left out.
IMPLIED = frozenset(
    {
        RDF.type,
        SKOS.inScheme,
        SKOS.narrower,
        SKOS.topConceptOf,
        SKOS.hasTopConcept,
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.creator,
        DCTERMS.license,
        DCTERMS.language,
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A label. kind: preferred, alternative or hidden; language: as "en"."""

    kind: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One concept. broader, related: keys. replaced_by: the key of what stands for it now, or "".

    definition, scope_note: in the language of the scheme.
    """

    key: str
    names: tuple[Name, ...]
    definition: str = ""
    scope_note: str = ""
    broader: frozenset[str] = frozenset()
    related: frozenset[str] = frozenset()
    ended: bool = False
    replaced_by: str = ""

    def name(self, language: str) -> str:
        """The preferred name in a language, else in any, else the key."""
        preferred = {one.language: one.text for one in self.names if one.kind == PREFERRED}
        return preferred.get(language) or next(iter(preferred.values()), self.key)


@dataclass(frozen=True, slots=True)
class Scheme:
    """What is said of the thesaurus as a whole. base: the start of the address of each subject."""

    address: str
    base: str
    title: str
    description: str = ""
    creator: str = ""
    licence: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """A scheme and its subjects by key. tops: those a file puts at the top; None: all without
    anything broader."""

    scheme: Scheme
    subjects: Mapping[str, Subject]
    tops: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """left_out: what the file says that is not kept, a line for each kind."""

    thesaurus: Thesaurus
    left_out: tuple[str, ...] = ()


# ---- checks ----

Finding = tuple[str, str]
"""The key of a subject, and what is wrong with it."""


def findings(thesaurus: Thesaurus) -> list[Finding]:
    """What breaks the rules of SKOS or ours, in the order of keys; empty where all is well."""
    subjects = thesaurus.subjects
    found = [
        *_own_faults(thesaurus),
        *_shared_names(subjects.values()),
        *_dangling(subjects),
        *_circles(subjects),
        *_orphans(thesaurus),
        *_related_and_broader(subjects),
    ]
    return sorted(set(found))


def _own_faults(thesaurus: Thesaurus) -> Iterator[Finding]:
    language = thesaurus.scheme.language
    for subject in thesaurus.subjects.values():
        preferred = Counter(one.language for one in subject.names if one.kind == PREFERRED)
        if not preferred[language]:
            yield subject.key, f"has no preferred name in the language {language}"
        for code, number in preferred.items():
            if number > 1:
                yield subject.key, f"has {number} preferred names in the language {code}"
        for (code, text), number in Counter((n.language, n.text) for n in subject.names).items():
            if number > 1:
                yield subject.key, f"has the name {text!r} ({code}) twice"
        yield from _bad_names(subject)
        if subject.replaced_by and not subject.ended:
            yield subject.key, "is replaced by another and has not ended"


def _bad_names(subject: Subject) -> Iterator[Finding]:
    for one in subject.names:
        if not one.text.strip() or len(one.text) > LONGEST_LABEL:
            shown = one.text[:30]
            yield subject.key, f"the name {shown!r} must have 1 to {LONGEST_LABEL} characters"
        if not LANGUAGE.fullmatch(one.language):
            yield subject.key, f"the name {one.text[:30]!r} needs a language, such as @en"
    for note in (subject.definition, subject.scope_note):
        if len(note) > LONGEST_NOTE:
            yield subject.key, f"a note is longer than {LONGEST_NOTE:,} characters"


def _shared_names(subjects: Iterable[Subject]) -> Iterator[Finding]:
    """A name leads to one subject; those that ended no longer lead anywhere by their names."""
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for subject in subjects:
        if not subject.ended:
            for one in subject.names:
                owners[one.language, folded(one.text)].add(subject.key)
    for (language, text), keys in owners.items():
        first, *others = sorted(keys)
        for other in others:
            yield other, f"shares the name {text!r} ({language}) with {first}"


def _dangling(subjects: Mapping[str, Subject]) -> Iterator[Finding]:
    for subject in subjects.values():
        for word, keys in (
            ("broader", subject.broader),
            ("related", subject.related),
            ("replaced by", {subject.replaced_by} - {""}),
        ):
            for key in keys:
                yield from _link_faults(subject, word, key, subjects)


def _link_faults(
    subject: Subject, word: str, key: str, subjects: Mapping[str, Subject]
) -> Iterator[Finding]:
    if key == subject.key:
        yield subject.key, f"names itself as {word}"
    elif key not in subjects:
        yield subject.key, f"names {key} as {word}, which is not in the thesaurus"
    elif subjects[key].ended and not subject.ended:
        yield subject.key, f"names {key} as {word}, which has ended"


def _circles(subjects: Mapping[str, Subject]) -> Iterator[Finding]:
    for key in subjects:
        if key in above(key, subjects):
            yield key, "stands above itself: its broader subjects go round in a circle"


def _orphans(thesaurus: Thesaurus) -> Iterator[Finding]:
    if thesaurus.tops is None:
        return
    for key, subject in thesaurus.subjects.items():
        if not subject.ended and not subject.broader and key not in thesaurus.tops:
            yield key, "has nothing broader and is not a top concept of the scheme"
        if subject.broader and key in thesaurus.tops:
            yield key, "is a top concept of the scheme and has something broader"


def _related_and_broader(subjects: Mapping[str, Subject]) -> Iterator[Finding]:
    """SKOS S27: what is related is not above, however far."""
    for key, subject in subjects.items():
        for other in subject.related & above(key, subjects):
            yield key, f"is related to {other} and stands under it"


def above(key: str, subjects: Mapping[str, Subject]) -> frozenset[str]:
    """Everything broader than a subject, however far; it holds the key itself in a circle."""
    found: set[str] = set()
    ahead = list(subjects[key].broader)
    while ahead:
        at = ahead.pop()
        if at not in found and at in subjects:
            found.add(at)
            ahead.extend(subjects[at].broader)
    return frozenset(found)


def folded(text: str) -> str:
    """A name as names are compared: without case, with single spaces."""
    return " ".join(text.casefold().split())


# ---- reading ----


def read_turtle(source: bytes, *, file: str) -> Read:
    """The thesaurus of a SKOS Turtle file. Raises SpecError with every fault and its line."""
    if len(source) > MOST_BYTES:
        raise SpecError(file, [Fault(0, f"is larger than {MOST_BYTES // 1024 // 1024} MiB")])
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        raise SpecError(file, [Fault(line, "is not UTF-8: save the file as UTF-8")]) from error
    graph = _graph(text, file)
    reading = _Reading(graph)
    read = reading.thesaurus()
    wrong = [*reading.wrong, *findings(read.thesaurus)]
    if wrong:
        lines = _lines(text, {key for key, _ in wrong}, read.thesaurus.scheme.base)
        raise SpecError(
            file, [Fault(lines.get(k, 0), f"{k}: {said}" if k else said) for k, said in wrong]
        )
    return read


def _graph(text: str, file: str) -> Graph:
    """The statements of a Turtle text. Raises SpecError with the line."""
    line = _too_deep(text)
    if line:
        raise SpecError(file, [Fault(line, f"has brackets more than {DEEPEST} deep")])
    try:
        return Graph().parse(data=text, format="turtle")
    except BadSyntax as error:
        reason = str(error._why).strip() or "cannot be read"
        raise SpecError(file, [Fault(error.lines + 1, f"not Turtle: {reason}")]) from error
    except (ValueError, IndexError, AssertionError, RecursionError, TypeError, KeyError) as error:
        # The parser meets some faults of a text with errors of its own working.
        raise SpecError(file, [Fault(0, f"not Turtle: {error}")]) from error


def _too_deep(text: str) -> int:
    """The line in which brackets go deeper than the parser can follow; 0 where none do."""
    depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        for sign in line:
            depth += (sign in "[({") - (sign in "])}")
            if depth > DEEPEST:
                return number
    return 0


def _lines(text: str, keys: set[str], base: str) -> dict[str, int]:
    """The line (from 1) in which a statement about each key begins, where that can be seen."""
    found: dict[str, int] = {}
    start = re.compile(rf"(?:\w*:|<{re.escape(base)})([A-Za-z0-9_-]+)>?\s")
    for number, line in enumerate(text.splitlines(), start=1):
        match = start.match(line)
        if match and match[1] in keys:
            found.setdefault(match[1], number)
    return found


class _Reading:
    """One graph being read. wrong: faults met on the way."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.wrong: list[Finding] = []
        self.other: Counter[str] = Counter()
        self.language = "en"

    def thesaurus(self) -> Read:
        """What the graph says, as plain values, with what of it is not kept."""
        found = set(self.graph.subjects(RDF.type, SKOS.Concept))
        concepts = sorted((node for node in found if self._named(node)), key=str)
        scheme = self._scheme(concepts)
        if len(concepts) > MOST_SUBJECTS:
            self.wrong.append(("", f"has more than {MOST_SUBJECTS:,} concepts"))
            concepts = []
        keys = {node: self._key(node, scheme.base) for node in concepts}
        subjects = {key: self._subject(node, key, scheme) for node, key in keys.items() if key}
        tops = frozenset(
            self._key(node, scheme.base)
            for node in (
                *self.graph.objects(URIRef(scheme.address), SKOS.hasTopConcept),
                *self.graph.subjects(SKOS.topConceptOf, URIRef(scheme.address)),
            )
        )
        left_out = tuple(f"{kind}: {number}" for kind, number in sorted(self.other.items()))
        return Read(Thesaurus(scheme, _both_ways(subjects), tops), left_out)

    def _named(self, node: Node) -> bool:
        if isinstance(node, URIRef):
            return True
        self.wrong.append(("", "has a concept without an address"))
        return False

    def _scheme(self, concepts: list[Any]) -> Scheme:
        schemes = sorted(map(str, set(self.graph.subjects(RDF.type, SKOS.ConceptScheme))))
        if len(schemes) != 1:
            said = "no concept scheme" if not schemes else f"{len(schemes)} concept schemes"
            self.wrong.append(("", f"has {said}: it must have one"))
        address = schemes[0] if schemes else ""
        node = URIRef(address)
        self.language = str(next(self.graph.objects(node, DCTERMS.language), "en"))
        base = _base(str(concepts[0])) if concepts else ""
        if not concepts:
            self.wrong.append(("", "has no concept"))
        return Scheme(
            address=address,
            base=base,
            title=self._text(node, "", DCTERMS.title),
            description=self._text(node, "", DCTERMS.description),
            creator=self._text(node, "", DCTERMS.creator),
            licence=self._text(node, "", DCTERMS.license),
            language=self.language,
        )

    def _key(self, node: Node, base: str) -> str:
        """The key of a concept's address; "" where it has none that can be used."""
        address = str(node)
        key = address.removeprefix(base)
        if address.startswith(base) and KEY.fullmatch(key):
            return key
        said = f"{address[:120]}: an address here is {base or 'a base'} and a short name after it"
        self.wrong.append(("", said))
        return ""

    def _subject(self, node: Node, key: str, scheme: Scheme) -> Subject:
        names = [
            Name(kind, (said.language or "").lower(), str(said))
            for kind, predicate in KINDS.items()
            for said in self.graph.objects(node, predicate)
            if isinstance(said, Literal)
        ]
        replaced = next(self.graph.objects(node, DCTERMS.isReplacedBy), None)
        self._count_other(node)
        return Subject(
            key=key,
            names=tuple(sorted(names)),
            definition=self._text(node, key, SKOS.definition),
            scope_note=self._text(node, key, SKOS.scopeNote),
            broader=self._keys(scheme, self.graph.objects(node, SKOS.broader))
            | self._keys(scheme, self.graph.subjects(SKOS.narrower, node)),
            related=self._keys(scheme, self.graph.objects(node, SKOS.related)),
            ended=any(
                isinstance(said, Literal) and said.toPython() is True
                for said in self.graph.objects(node, OWL.deprecated)
            ),
            replaced_by="" if replaced is None else self._key(replaced, scheme.base),
        )

    def _keys(self, scheme: Scheme, nodes: Iterable[Node]) -> frozenset[str]:
        return frozenset(key for node in nodes if (key := self._key(node, scheme.base)))

    def _text(self, node: Node, key: str, predicate: URIRef) -> str:
        """The one text in the scheme's language (or in none); others are counted as left out."""
        said = sorted(self.graph.objects(node, predicate), key=str)
        fitting = [
            one
            for one in said
            if not isinstance(one, Literal) or one.language in (self.language, None)
        ]
        if len(fitting) > 1:
            self.wrong.append((key, f"has {len(fitting)} texts of the kind {_local(predicate)}"))
        if len(said) > len(fitting):
            self.other[f"{_local(predicate)} in other languages"] += len(said) - len(fitting)
        return str(fitting[0]) if fitting else ""

    def _count_other(self, node: Node) -> None:
        kept = {
            *KINDS.values(),
            *IMPLIED,
            SKOS.broader,
            SKOS.related,
            SKOS.definition,
            SKOS.scopeNote,
            OWL.deprecated,
            DCTERMS.isReplacedBy,
        }
        for predicate in self.graph.predicates(node):
            if predicate not in kept:
                self.other[_local(predicate)] += 1


def _base(address: str) -> str:
    """An address without its last part, which starts after the last slash, hash or colon."""
    return address[: max(address.rfind(sign) for sign in "/#:") + 1]


def _local(predicate: Node) -> str:
    address = str(predicate)
    return address[len(_base(address)) :] or address


def _both_ways(subjects: dict[str, Subject]) -> dict[str, Subject]:
    """Related holds both ways, however often the file says it."""
    related: dict[str, set[str]] = defaultdict(set)
    for subject in subjects.values():
        for other in subject.related:
            related[subject.key].add(other)
            related[other].add(subject.key)
    return {
        key: replace(subject, related=frozenset(related[key])) for key, subject in subjects.items()
    }


# ---- writing ----

PREFIXES = {
    "dcterms": str(DCTERMS),
    "owl": str(OWL),
    "skos": str(SKOS),
}
ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)


@dataclass(slots=True)
class _Block:
    """The statements about one thing."""

    about: str
    lines: list[str] = field(default_factory=list)

    def say(self, predicate: str, values: Iterable[str]) -> None:
        """One predicate with its values; nothing where there are none."""
        values = list(values)
        if values:
            joined = " ,\n        ".join(values)
            self.lines.append(f"    {predicate} {joined}")

    def __str__(self) -> str:
        return f"{self.about} " + " ;\n".join(self.lines).lstrip() + " .\n"


def write_turtle(thesaurus: Thesaurus, *, only: str = "") -> str:
    """SKOS Turtle, the same for the same content to the byte. only: the key of the one wanted."""
    scheme = thesaurus.scheme
    prefixes = {**PREFIXES, "subject": scheme.base}
    parts = ["".join(f"@prefix {name}: <{where}> .\n" for name, where in prefixes.items())]
    if not only:
        parts.append(str(_scheme_block(thesaurus)))
    below = narrower_of(thesaurus.subjects, only) if only else []
    parts.extend(
        str(_subject_block(scheme, thesaurus.subjects[key], below))
        for key in ([only] if only else sorted(thesaurus.subjects))
    )
    return "\n".join(parts)


def _scheme_block(thesaurus: Thesaurus) -> _Block:
    scheme = thesaurus.scheme
    block = _Block(_address(scheme.address))
    block.say("a", ["skos:ConceptScheme"])
    for predicate, text in (("title", scheme.title), ("description", scheme.description)):
        block.say(f"dcterms:{predicate}", [_literal(text, scheme.language)] if text else [])
    block.say("dcterms:creator", [_value(scheme.creator)] if scheme.creator else [])
    block.say("dcterms:language", [_literal(scheme.language)])
    block.say("dcterms:license", [_value(scheme.licence)] if scheme.licence else [])
    block.say("skos:hasTopConcept", [f"subject:{key}" for key in tops_of(thesaurus)])
    return block


def _subject_block(scheme: Scheme, subject: Subject, below: list[str]) -> _Block:
    block = _Block(f"subject:{subject.key}")
    block.say("a", ["skos:Concept"])
    block.say("skos:inScheme", [_address(scheme.address)])
    if not subject.broader and not subject.ended:
        block.say("skos:topConceptOf", [_address(scheme.address)])
    for kind, predicate in KINDS.items():
        names = sorted((one.language, one.text) for one in subject.names if one.kind == kind)
        block.say(f"skos:{_local(predicate)}", [_literal(text, code) for code, text in names])
    for word, text in (("definition", subject.definition), ("scopeNote", subject.scope_note)):
        block.say(f"skos:{word}", [_literal(text, scheme.language)] if text else [])
    links = (("broader", subject.broader), ("narrower", below), ("related", subject.related))
    for word, keys in links:
        block.say(f"skos:{word}", [f"subject:{key}" for key in sorted(keys)])
    block.say("owl:deprecated", ["true"] if subject.ended else [])
    replaced = f"subject:{subject.replaced_by}"
    block.say("dcterms:isReplacedBy", [replaced] if subject.replaced_by else [])
    return block


def tops_of(thesaurus: Thesaurus) -> list[str]:
    """The keys of what stands at the top and has not ended, sorted."""
    return sorted(
        key for key, one in thesaurus.subjects.items() if not one.broader and not one.ended
    )


def narrower_of(subjects: Mapping[str, Subject], key: str) -> list[str]:
    """The keys of what stands directly under a subject and has not ended, sorted."""
    return sorted(one.key for one in subjects.values() if key in one.broader and not one.ended)


def _literal(text: str, language: str = "") -> str:
    escaped = "".join(
        f"\\u{ord(sign):04X}" if ord(sign) < 32 or ord(sign) == 127 else sign
        for sign in text.translate(ESCAPES)
    )
    return f'"{escaped}"' + (f"@{language}" if language else "")


def _value(said: str) -> str:
    """An address as one, anything else as text."""
    return _address(said) if re.fullmatch(r"https?://\S+", said) else _literal(said)


def _address(address: str) -> str:
    escaped = "".join(
        f"\\u{ord(sign):04X}" if ord(sign) <= 32 or sign in '<>"{}|^`\\' else sign
        for sign in address
    )
    return f"<{escaped}>"


# ---- what a change would do ----


@dataclass(frozen=True, slots=True)
class Change:
    """Keys of subjects that are new, say something else, are no longer offered, are offered again.

    left_out: what the file says that is not kept.
    """

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything would be another than before."""
        return bool(self.new or self.changed or self.ended or self.back)


def replaced_with(old: Thesaurus | None, new: Thesaurus) -> tuple[Thesaurus, Change]:
    """The thesaurus after a new one takes the place of an old one, and what that changes.

    What the new one does not hold has ended: it stays, without links to what is in use.
    """
    before = old.subjects if old else {}
    after = dict(new.subjects)
    for key, subject in before.items():
        if key not in after:
            after[key] = replace(subject, ended=True, related=frozenset())
    common = [key for key in sorted(new.subjects) if key in before]
    return replace(new, subjects=after, tops=None), Change(
        new=tuple(sorted(set(new.subjects) - set(before))),
        changed=tuple(
            key
            for key in common
            if before[key] != after[key] and before[key].ended == after[key].ended
        ),
        ended=tuple(key for key in sorted(before) if after[key].ended and not before[key].ended),
        back=tuple(key for key in common if before[key].ended and not after[key].ended),
    )


def merged(thesaurus: Thesaurus, key: str, into: str) -> Thesaurus:
    """One subject merged into another: its names lead there, what stood under it stands there.

    Its preferred name becomes an alternative one; the definition of the other stays as it is.
    """
    subjects = dict(thesaurus.subjects)
    gone, kept = subjects[key], subjects[into]
    there = {(one.language, folded(one.text)) for one in kept.names}
    moved = [
        replace(one, kind=ALTERNATIVE if one.kind == PREFERRED else one.kind)
        for one in gone.names
        if (one.language, folded(one.text)) not in there
    ]
    for other in subjects.values():
        if key in other.broader and other.key != into:
            subjects[other.key] = replace(other, broader=other.broader - {key} | {into})
        if other.ended and other.replaced_by == key:
            subjects[other.key] = replace(other, replaced_by=into)
    subjects[into] = replace(
        kept,
        names=tuple(sorted([*kept.names, *moved])),
        broader=kept.broader - {key} or gone.broader - {into},
        related=(kept.related | gone.related) - {key, into},
    )
    subjects[key] = replace(
        gone, ended=True, broader=frozenset(), related=frozenset(), replaced_by=into
    )
    return _without_links_up_and_down(replace(thesaurus, subjects=_relinked(subjects, key, into)))


def _relinked(subjects: dict[str, Subject], key: str, into: str) -> dict[str, Subject]:
    """Related to the one that goes means related to the one that stays."""
    return _both_ways(
        {
            one.key: replace(one, related=one.related - {key} | {into})
            if key in one.related and one.key != into
            else one
            for one in subjects.values()
        }
    )


def _without_links_up_and_down(thesaurus: Thesaurus) -> Thesaurus:
    """Related only where neither stands above the other."""
    subjects = thesaurus.subjects
    up = {key: above(key, subjects) for key in subjects}
    return replace(
        thesaurus,
        subjects={
            key: replace(
                one,
                related=frozenset(
                    other for other in one.related if other not in up[key] and key not in up[other]
                ),
            )
            for key, one in subjects.items()
        },
    )


# ---- finding subjects in what somebody typed ----


@dataclass(frozen=True, slots=True)
class Found:
    """A subject named in a text by some of its words. first, last: of them, counted from 0; last
    is not included."""

    key: str
    first: int
    last: int


class Lexicon:
    """The names of a thesaurus, made ready for looking up; those that ended lead to nothing."""

    def __init__(self, thesaurus: Thesaurus) -> None:
        self.language = thesaurus.scheme.language
        self._subjects = {key: one for key, one in thesaurus.subjects.items() if not one.ended}
        self._keys: dict[tuple[str, ...], str] = {}
        self._runs: dict[tuple[str, ...], str] = {}
        for key, one in self._subjects.items():
            for name in sorted(one.names, key=lambda name: name.language != self.language):
                self._keys.setdefault(words_of_name(name.text), key)
                for run in runs_of(name.text, (language_said(name.language),)):
                    self._runs.setdefault(run, key)
        self.longest = max(map(len, self._keys), default=0)
        """Words of the longest name."""
        self._below: dict[str, list[str]] = defaultdict(list)
        for key, one in self._subjects.items():
            for wider in one.broader:
                self._below[wider].append(key)

    def key_of(self, name: str) -> str | None:
        """The key of the subject that a name leads to, in any language and letter case."""
        return self._keys.get(words_of_name(name))

    def named(self, words: Sequence[str]) -> str | None:
        """The key of the subject that words side by side name, as written or in other forms."""
        text = "-".join(words)
        runs = runs_of(text) if text else ()
        by_form = (self._runs[run] for run in runs if run in self._runs)
        return self.key_of(text) or next(by_form, None)

    def name(self, key: str) -> str:
        """The preferred name of a subject; the key where there is no such subject."""
        return self._subjects[key].name(self.language) if key in self._subjects else key

    def found_in(self, text: str) -> list[Found]:
        """The subjects that a text names, from left to right: of names that overlap the longest."""
        words = words_of_name(text)
        found, at = [], 0
        while at < len(words):
            for length in range(min(self.longest, len(words) - at), 0, -1):
                key = self.named(words[at : at + length])
                if key is not None:
                    found.append(Found(key, at, at + length))
                    at += length
                    break
            else:
                at += 1
        return found

    def names_of(
        self, key: str, *, hidden: bool = False, languages: Collection[str] = LANGUAGES
    ) -> tuple[str, ...]:
        """The names of a subject and of all that stand under it, its own first, each once.

        languages: of names, as analysis knows them.
        """
        names: dict[str, None] = {}
        for one in self._with_narrower(key):
            for name in sorted(self._subjects[one].names, key=self._rank):
                wanted = language_said(name.language) in languages
                if wanted and (hidden or name.kind != HIDDEN):
                    names.setdefault(name.text)
        return tuple(names)

    def every_name(self, languages: Collection[str] = LANGUAGES) -> list[str]:
        """All names that may be shown, in these languages."""
        return [
            name.text
            for subject in self._subjects.values()
            for name in subject.names
            if name.kind != HIDDEN and language_said(name.language) in languages
        ]

    def _rank(self, name: Name) -> tuple[bool, bool]:
        """Preferred names before others, and of each those in the thesaurus's own language."""
        return name.kind != PREFERRED, name.language != self.language

    def _with_narrower(self, key: str) -> list[str]:
        """A subject and all under it, from the top down."""
        order: dict[str, None] = {}
        ahead = [key] if key in self._subjects else []
        while ahead:
            at = ahead.pop(0)
            if at not in order:
                order[at] = None
                ahead.extend(sorted(self._below[at]))
        return list(order)


WORDS = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[&+]")


def words_of_name(text: str) -> tuple[str, ...]:
    """The words of a name as they are looked up: without case, hyphens and punctuation."""
    return tuple(word.replace("\u2019", "'") for word in WORDS.findall(text.casefold()))
