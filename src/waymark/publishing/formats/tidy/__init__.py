"""Tidy data: a table for each kind of record, a row for each record, a description of each field.

Pure: shapes of tables, and how they are written as CSV, as Parquet and as a data package.
"""
