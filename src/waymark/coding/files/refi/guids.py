"""GUIDs of what we export: computed from names, so that a later import recognises its own."""

from uuid import UUID, uuid5

NAMESPACE = UUID("5a3d6f6e-0c86-5f0b-9c0b-6f1f6f7c2a11")


def qda_guid(kind: str, *names: object) -> str:
    """GUID of one thing, in upper case: of ("code", "cr-core", "prac.early") always the same."""
    return str(uuid5(NAMESPACE, "\n".join((kind, *map(str, names))))).upper()


def code_guid(framework: str, code: str) -> str:
    """GUID of a code of a framework, the same in all its versions."""
    return qda_guid("code", framework, code)


def user_guid(name: str) -> str:
    """GUID of an account by its user name."""
    return qda_guid("user", name)


def source_guid(text_key: str) -> str:
    """GUID of the text of a report, by the key of that text."""
    return qda_guid("source", text_key)
