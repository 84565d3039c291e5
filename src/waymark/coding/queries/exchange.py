"""Queries of projects that a person imports: each sees only their own."""

from django.db.models import QuerySet

from waymark.accounts.permissions import Person, require_account
from waymark.coding.models import ProjectImport
from waymark.core.errors import NotFound


def project_imports(person: Person) -> QuerySet[ProjectImport]:
    """The imports of a person, newest first, without the projects. Raises NotPermitted."""
    owner = require_account(person, "code", "import codings")
    return ProjectImport.objects.filter(by=owner).defer("project")


def project_import_for(key: str, person: Person) -> ProjectImport:
    """An import of the person. Raises NotPermitted, NotFound."""
    owner = require_account(person, "code", "import codings")
    row = ProjectImport.objects.filter(key=key, by=owner).first()
    if row is None:
        raise NotFound(f"there is no coding import {key}")
    return row
