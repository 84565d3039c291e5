"""Queries of projects that a person imports: each sees only their own."""

from django.db.models import QuerySet

from waymark.accounts.models import User
from waymark.accounts.permissions import Person, require_permission
from waymark.coding.models import ProjectImport
from waymark.core.errors import NotFound


def project_imports(person: Person) -> QuerySet[ProjectImport]:
    """The imports of a person, newest first, without the projects. Raises NotPermitted."""
    require_permission(person, "code")
    own = ProjectImport.objects.filter(by=person) if isinstance(person, User) else None
    return (ProjectImport.objects.none() if own is None else own).defer("project")


def project_import_for(key: str, person: Person) -> ProjectImport:
    """An import of the person. Raises NotPermitted, NotFound."""
    require_permission(person, "code")
    row = ProjectImport.objects.filter(key=key, by=person).first()
    if row is None:
        raise NotFound(f"there is no coding import {key}")
    return row
