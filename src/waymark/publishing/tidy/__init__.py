"""Tidy data: one table for each kind of thing, one row for each thing, and words for every field.

Pure: what a table is (shape), and how it is written as CSV, as Parquet and as a data package.
"""
