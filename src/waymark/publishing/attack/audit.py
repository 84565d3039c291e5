"""Attack a folder of published files: what can be worked out, and what stands in the clear.

Written apart from the protection, and knowing nothing of it: it reads the files and no more.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from waymark.core.errors import NotFound, RuleError
from waymark.publishing.attack.equations import HEAD, Unknowns, percentages_left, unknowns
from waymark.publishing.attack.grid import WITHHELD, Leak, Reading, Words, number
from waymark.publishing.attack.merged import Published, merged, rules_of
from waymark.publishing.attack.placed import placed
from waymark.publishing.attack.read_office import PRINT, read_docx, read_ods, read_pdf, read_xlsx
from waymark.publishing.attack.read_package import LISTING, read_archive, read_bundle
from waymark.publishing.attack.read_web import read_csv, read_html, read_json, read_svg
from waymark.publishing.attack.solve import Contradiction, Solver

READERS: dict[str, Callable[[str, bytes], Reading]] = {
    ".html": read_html,
    ".svg": read_svg,
    ".json": read_json,
    ".csv": read_csv,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".xlsx": read_xlsx,
    ".ods": read_ods,
    ".zip": read_archive,
}
TIDY = (".csv", ".parquet", ".md")
"""Files of a folder that belong to its listing as a data package."""
TABLE = re.compile(r"T\d+\.csv")
WORD = re.compile("[a-z]{3}")
DATA = ("/", "row ", "metadata")
"""Where data are, not sentences: ids of rows, which can be plain words, are looked for there."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What can be worked out of one cell. high None: without end. printed: "[c]", or rounded."""

    table: str
    row: str
    column: str
    printed: str
    low: int
    high: int | None
    exposed: bool


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of an attack. profile: as the files say it; k: the threshold that was used."""

    profile: str
    k: int
    files: tuple[str, ...]
    narrowed: tuple[Narrowed, ...]
    leaks: tuple[Leak, ...]

    @property
    def exposed(self) -> tuple[Narrowed, ...]:
        return tuple(one for one in self.narrowed if one.exposed)

    @property
    def holds(self) -> bool:
        """Nothing is exposed and nothing stands in the clear."""
        return not self.exposed and not self.leaks


def attack(folder: Path, *, threshold: int | None = None) -> Audit:
    """Read the files of a folder, and only these, and try to undo what they withhold.

    threshold: k, where no file says it (CSV and PDF alone do not). Raises NotFound where there is
    nothing to read, RuleError where something is withheld and no threshold is known.
    """
    readings = _readings(folder)
    if not readings:
        raise NotFound(f"{folder} holds no file of an overview")
    grids = [grid for one in readings.values() for grid in one.grids]
    words = [text for one in readings.values() for text in one.words]
    leaks = [leak for one in readings.values() for leak in one.leaks]
    tables, differing = merged(grids)
    rules = rules_of(grids)
    k = threshold or rules.k
    names = [pair for one in readings.values() for pair in one.names]
    leaks += [*differing, *_beside(tables), *placed(tables), *_said(tables, words, names)]
    notes = {grid.table: grid.notes for grid in grids if grid.notes}
    system = unknowns(tables, notes)
    leaks += _wrong(tables, system)
    if system.withheld or system.rounded:
        leaks += [leak for one in readings.values() for leak in one.records]
    if system.withheld and not k:
        raise RuleError("no file says under how many is withheld: give --threshold")
    narrowed, contradiction = _narrowed(tables, system, k)
    unique = tuple(dict.fromkeys([*leaks, *contradiction]))
    return Audit(rules.profile, k, tuple(readings), tuple(narrowed), unique)


def _readings(folder: Path) -> dict[str, Reading]:
    """What each file gives; tidy files and what lists them are read together."""
    files = {
        file.name: file.read_bytes()
        for file in sorted(folder.iterdir() if folder.is_dir() else ())
        if file.is_file() and file.suffix in {*READERS, *TIDY}
    }
    bundle = {
        name: content
        for name, content in files.items()
        if name == LISTING or (name.endswith(TIDY) and not TABLE.fullmatch(name))
    }
    made = {
        name: READERS[Path(name).suffix](name, content)
        for name, content in files.items()
        if name not in bundle
    }
    if bundle:
        made[", ".join(bundle)] = read_bundle(bundle)
    return made


def _beside(tables: Sequence[Published]) -> Iterator[Leak]:
    for table, row in percentages_left(tables):
        yield Leak("", f"{table} {row}", "a percentage stands beside a withheld number")


def _wrong(tables: Sequence[Published], system: Unknowns) -> Iterator[Leak]:
    """Totals that cannot be: somebody changed a number, and what ties the others is not known."""
    by_id = {table.id: table for table in tables}
    protected = {name for name, _, _ in (*system.withheld, *system.rounded)}
    for name, line, column in system.wrong:
        if name not in protected:
            continue
        table = by_id[name]
        where = f"{name} {table.lines[line].label}, {table.columns[column]}"
        yield Leak("", where, "its parts do not make it up")


# ---- numbers ----


def _narrowed(
    tables: Sequence[Published], system: Unknowns, k: int
) -> tuple[list[Narrowed], list[Leak]]:
    """Every cell that is withheld or rounded. What only words suggest goes where it cannot hold."""
    leaks: list[Leak] = []
    for certain in (False, True):
        try:
            return _all_narrowed(tables, Solver(system, certain=certain), system, k), leaks
        except Contradiction:
            what = "no whole numbers fit all that is printed"
            leaks.append(Leak("", "all tables", what))
    return [], leaks


def _all_narrowed(
    tables: Sequence[Published], solver: Solver, system: Unknowns, k: int
) -> list[Narrowed]:
    by_id = {table.id: table for table in tables}
    made = []
    for name in (*system.withheld, *system.rounded):
        table = by_id[name[0]]
        line = table.lines[name[1]]
        low, high = solver.interval(name)
        tell = _rounded_exposed if name in set(system.rounded) else _exposed
        exposed = tell(low, high, k)
        if name in system.sides and not exposed:
            base = system.bases[name]
            exposed = tell(base - (base if high is None else high), base - low, k)
        made.append(
            Narrowed(
                table.id,
                line.label,
                table.columns[name[2]],
                line.cells[name[2]],
                low,
                high,
                exposed,
            )
        )
    return [*made, *_differences(by_id, solver, system, k)]


def _differences(
    by_id: Mapping[str, Published], solver: Solver, system: Unknowns, k: int
) -> Iterator[Narrowed]:
    """The few who do not meet a condition, told by a count with it and the same without it."""
    for rest, (name, row, column) in system.rests.items():
        low, high = solver.interval(rest)
        if low > 0 and high is not None and high < k:
            table = by_id[name]
            label = f"{table.lines[row].label}, without the condition"
            yield Narrowed(name, label, table.columns[column], "", low, high, exposed=True)


def _exposed(low: int, high: int | None, k: int) -> bool:
    """Known to be there and perhaps small, or known to be small. From k on, none is small."""
    return (0 < low < k) or (high is not None and high < k)


def _rounded_exposed(low: int, high: int | None, k: int) -> bool:
    """Known to be small and narrowed to fewer values than rounding leaves."""
    return high is not None and low < k and high > 0 and high - low + 1 < k


# ---- words ----


def _said(
    tables: Sequence[Published], words: Sequence[Words], names: Sequence[tuple[str, str]]
) -> Iterator[Leak]:
    """A withheld row named in words with a number beside it. names: ids and labels of rows."""
    labels = {line.label for table in tables for line in table.lines}
    labels |= {column for table in tables for column in table.columns}
    labels |= {said[1] for said in map(HEAD.fullmatch, labels) if said}
    secret = _secret(tables)
    ids = {one: secret[label] for one, label in names if label in secret and WORD.search(one)}
    plain = [text for text in words if text.where.startswith(DATA)]
    for held, texts in ((secret, words), (ids, plain)):
        for label, table in held.items():
            for text, number_said in _beside_numbers(label, texts, labels):
                where = f"{text.where}: {table} {label}"
                what = f"says {number_said} where the table withholds the number"
                yield Leak(text.file, where, what)


def _beside_numbers(
    label: str, words: Sequence[Words], labels: Collection[str]
) -> Iterator[tuple[Words, str]]:
    """The texts in which a number follows a label, with that number."""
    named = re.compile(rf"(?<![\w-]){re.escape(label)}\s*[:=,(]?\s*(\d[\d,.]*)", re.IGNORECASE)
    for text in words:
        for found in named.finditer(text.text):
            if not _is_label(text, found, labels):
                yield text, found[1].rstrip(".,")


def _secret(tables: Sequence[Published]) -> dict[str, str]:
    """Labels of rows whose counts are all withheld, that no other row bears, with their tables."""
    times = Counter(line.label for table in tables for line in table.lines)
    return {
        line.label: table.id
        for table in tables
        for line in table.lines
        if times[line.label] == 1
        and all(number(line.cells[at]) is None for at in table.counts())
        and any(line.cells[at] == WITHHELD for at in table.counts())
    }


def _is_label(text: Words, found: re.Match[str], labels: Collection[str]) -> bool:
    """Whether a number belongs to a longer label, or in print to the row that follows."""
    whole, secret = text.text.lower(), found[0][: found.start(1) - found.start()]
    name = secret.rstrip(" :=,(").lower()
    for label in labels:
        said = label.lower()
        inside = said.find(name)
        if inside >= 0 and len(said) > len(name) and found.start() >= inside:
            start = found.start() - inside
            if whole.startswith(said, start):
                return True
    rest = whole[found.start(1) :]
    return text.where == PRINT and any(rest.startswith(label.lower()) for label in labels)
