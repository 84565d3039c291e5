"""Codes, memos, qualifiers and values of a project, against a framework. Nothing is guessed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from waymark.coding.files.refi.guids import code_guid, qda_guid
from waymark.core.errors import RuleError
from waymark.documents.reading.qda_values import QdaCode, QdaNote
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import VariableSpec

MEMO, QUALIFIERS = "Memo", "Qualifiers"
"""Names of the notes in which we export what a coding of REFI-QDA has no element for."""
EVIDENCE = "Evidence of "
PATH_MARKS = ("::", " > ", "\\", "/")
"""Between the names of a path, in programs that write it into the name of a code."""


@dataclass(frozen=True, slots=True)
class MatchedCode:
    """A code of a project. code: id in the framework, "" if nothing is it; how: by what."""

    guid: str
    name: str
    code: str
    how: str


def match_codes(
    codes: Iterable[QdaCode], framework: FrameworkFile, chosen: Mapping[str, str]
) -> list[MatchedCode]:
    """The codes of a project with those of a framework that they are.

    chosen: GUID or name -> id, as the person who imports decided. Else by a GUID that we exported,
    by id, or by a name that only one code has; of a path, the last name.
    """
    ids = {code.id for code in framework.codes}
    own = {code_guid(framework.framework, code.id): code.id for code in framework.codes}
    names: dict[str, set[str]] = defaultdict(set)
    for code in framework.codes:
        for name in (code.name, *code.aliases):
            names[_plain(name)].add(code.id)
    return [_match(code, ids, own, names, chosen) for code in codes]


def _match(
    code: QdaCode,
    ids: set[str],
    own: Mapping[str, str],
    names: Mapping[str, set[str]],
    chosen: Mapping[str, str],
) -> MatchedCode:
    decided = chosen.get(code.guid) or chosen.get(code.name)
    if decided is not None:
        return MatchedCode(code.guid, code.name, decided, "chosen")
    if code.guid in own:
        return MatchedCode(code.guid, code.name, own[code.guid], "GUID")
    if code.name.strip() in ids:
        return MatchedCode(code.guid, code.name, code.name.strip(), "id")
    for name in (code.name, *_last_names(code.name)):
        alike = names.get(_plain(name), set())
        if len(alike) == 1:
            return MatchedCode(code.guid, code.name, next(iter(alike)), "name")
    return MatchedCode(code.guid, code.name, "", "")


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _last_names(path: str) -> list[str]:
    return [path.rpartition(mark)[2] for mark in PATH_MARKS if mark in path]


@dataclass(frozen=True, slots=True)
class CodingNotes:
    """Memo and qualifiers of a coding; unknown: qualifiers that the framework does not have."""

    memo: str
    qualifiers: Mapping[str, str]
    unknown: tuple[str, ...] = ()


def notes_of_coding(
    coding: str, notes: Sequence[QdaNote], others: Sequence[str], framework: FrameworkFile
) -> CodingNotes:
    """Memo and qualifiers from the notes of a coding. coding: its GUID.

    others: further texts about it, such as the description of its selection. Our own notes are
    read as they were written; qualifiers that are not of the framework stay in the memo.
    """
    memo: list[str] = []
    qualifiers: dict[str, str] = {}
    unknown: list[str] = []
    for note in notes:
        if note.guid == qda_guid("qualifiers", coding):
            for line in note.text.splitlines():
                name, _, value = line.partition(": ")
                if _is_qualifier(framework, name, value):
                    qualifiers[name] = value
                else:
                    unknown.append(line)
        elif note.guid == qda_guid("memo", coding):
            memo.append(note.text)
        else:
            title = f"{note.name.strip()}: " if note.name.strip() else ""
            memo.append(f"{title}{note.text.strip()}")
    memo += [text.strip() for text in (*others, *unknown) if text.strip()]
    return CodingNotes("\n\n".join(memo), qualifiers, tuple(unknown))


def _is_qualifier(framework: FrameworkFile, name: str, value: str) -> bool:
    try:
        framework.check_qualifiers({name: value})
    except RuleError:
        return False
    return True


# ---- values of cases ----


@dataclass(frozen=True, slots=True)
class PersonOfCase:
    """Whom a case is about. level: review, child or adult; number: of the person, else None."""

    level: str
    number: int | None = None

    @property
    def title(self) -> str:
        """Such as "child 1"; "review" for the review itself."""
        return self.level if self.number is None else f"{self.level} {self.number}"


def case_guid(review: str, person: PersonOfCase) -> str:
    """GUID of a case that we export."""
    return qda_guid("case", review, person.title)


def entered_value(variable: VariableSpec, stored: str) -> str:
    """A stored value as a person enters it: an age of "18" as "18 months"."""
    if variable.type in {"age", "number"} and not stored:
        return "not recorded"
    return f"{stored} months" if variable.type == "age" else stored


def evidence_line(variable: str, person: PersonOfCase) -> str:
    """Line of a selection that supports a value."""
    return f"{EVIDENCE}{variable}, {person.title}"


def evidence_lines(description: str) -> set[str]:
    """The lines of a description that we wrote for values."""
    return {line for line in description.splitlines() if line.startswith(EVIDENCE)}


def without_evidence(description: str) -> str:
    """The rest of a description."""
    rest = (line for line in description.splitlines() if not line.startswith(EVIDENCE))
    return "\n".join(rest).strip()
