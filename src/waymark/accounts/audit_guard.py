"""Triggers with which the database refuses to change or delete an audit entry."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SQLITE = [
    (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON accounts_auditentry"
        " BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END"
    ),
    (
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON accounts_auditentry"
        " BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END"
    ),
]
POSTGRESQL = [
    (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'audit entries are never changed or deleted'; END $$"
    ),
    (
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON accounts_auditentry"
        " FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
    ),
    (
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON accounts_auditentry"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
    ),
]


def create_audit_guard(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers on the table of audit entries."""
    vendor = schema_editor.connection.vendor
    for statement in SQLITE if vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement, params=None)
