"""Description of a database's tables by which two databases are compared.

The order of columns in a table is left out: a migration adds its column at the end.
"""

from collections.abc import Callable

Execute = Callable[[str], list[tuple]]
"""Runs a query and returns its rows."""

CONTENTS = (
    "SELECT app, name FROM django_migrations",
    "SELECT app_label, model FROM django_content_type",
    """SELECT t.app_label, t.model, p.codename, p.name FROM auth_permission p
    JOIN django_content_type t ON t.id = p.content_type_id""",
    "SELECT name FROM auth_group",
)
"""Rows with which a database begins; Waymark's own tables have none."""
POSTGRESQL = (
    """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    a.attidentity, a.attgenerated, a.attcollation, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    AND a.attnum > 0 AND NOT a.attisdropped""",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace""",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "SELECT sequencename, data_type FROM pg_sequences",
)


def schema_in_sqlite(execute: Execute) -> dict[str, list]:
    """Tables as their definitions of columns and constraints; indexes, triggers; first rows."""
    master = execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
    entries = [
        (kind, name, table, definitions(sql) if kind == "table" else sql)
        for kind, name, table, sql in master
    ]
    return {"sqlite_master": sorted(entries, key=str)} | _contents(execute)


def schema_in_postgresql(execute: Execute) -> dict[str, list]:
    """Columns, constraints, indexes, triggers, functions, sequences; first rows."""
    return {query: sorted(execute(query), key=str) for query in POSTGRESQL} | _contents(execute)


def _contents(execute: Execute) -> dict[str, list]:
    return {query: sorted(execute(query)) for query in CONTENTS}


def definitions(create_table: str) -> list[str]:
    """Sorted columns and constraints of a CREATE TABLE.

    'CREATE TABLE "t" ("b" decimal(4, 2), "a" integer NOT NULL)' has
    ['"a" integer NOT NULL', '"b" decimal(4, 2)'].
    """
    parts, depth, quote = [""], 0, ""
    for character in create_table[create_table.index("(") + 1 : create_table.rindex(")")]:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            depth += (character == "(") - (character == ")")
        if character == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += character
    return sorted(part.strip() for part in parts)
