"""Exchange of codings with other programs for qualitative analysis.

project_plan.py      what an import of a REFI-QDA project would do, and what it would lose
source_matching.py   which of our reports a source of a project is
project_import.py    store it by the services of coding and profiles
project_export.py    a coder's own work, or settled work, as a project
frameworks.py        codebooks to and from frameworks
coding_rows.py       the same work as rows
row_files.py         rows as CSV, XLSX and W3C Web Annotations
"""
