"""What speaks for the values of variables: codes of passages and cues, of a framework by its name.

A framework file can say so itself; for the built-in one, whose published versions never change,
it is in a file beside them.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from waymark.core.yaml_file import read_yaml
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import Id, ValueEvidence, VariableSpec

FOLDER = Path(__file__).parent / "builtin" / "evidence"


class EvidenceFile(BaseModel):
    """A file of evidence: id of a variable -> what speaks for its values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    framework: str
    variables: dict[Id, tuple[ValueEvidence, ...]]


def evidence_for(variable: VariableSpec, framework: FrameworkFile) -> tuple[ValueEvidence, ...]:
    """What speaks for the values of a variable, without values and codes the version lacks."""
    rows = variable.evidence or evidence_files().get(framework.framework, {}).get(variable.id, ())
    codes = {code.id for code in framework.codes}
    values = {value.value for value in variable.allowed}
    known = [row for row in rows if row.value is None or row.value in values]
    return tuple(
        row.model_copy(update={"codes": tuple(code for code in row.codes if code in codes)})
        for row in known
    )


@lru_cache(maxsize=1)
def evidence_files() -> Mapping[str, Mapping[str, tuple[ValueEvidence, ...]]]:
    """The files of the program: name of the framework -> id of a variable -> evidence."""
    files = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        read, _ = read_yaml(path.read_text("utf-8"), EvidenceFile, file=path.name)
        files[read.framework] = read.variables
    return files
