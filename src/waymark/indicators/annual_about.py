"""Description of an annual report: its title and the indicators in it. Pure."""

from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

from waymark.core.yaml_file import read_yaml

ABOUT = "about"
"""Name of the text that describes a report."""
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class AnnualAbout(BaseModel):
    """Title and subtitle; indicators: their names in addresses, in the order of the chapters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1, max_length=300)
    subtitle: str = Field(default="", max_length=300)
    indicators: tuple[Slug, ...] = Field(default=(), max_length=50)


def read_annual_about(text: str) -> AnnualAbout:
    """A description from YAML. Raises SpecError."""
    return read_yaml(text, AnnualAbout, file="the description of the report")[0]


def annual_about_yaml(about: AnnualAbout) -> str:
    """A description as YAML."""
    return yaml.safe_dump(about.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
