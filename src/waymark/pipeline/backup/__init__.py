"""Backups: all that an installation owns, copied while it runs, and checked before it is used.

    A folder of backups                     One backup as a file: NAME.tar
    files/ab/abcdef...  by SHA-256          data/<path in the data folder>
    backups/<moment>/database.sqlite3       database.sqlite3 (or database.dump)
    backups/<moment>/manifest.json          manifest.json

The manifest is written last and in one step: it is the mark of a finished backup. It lists the size
and SHA-256 of everything, and the number of rows in every table. A second backup in the same folder
adds the database and the files that are new; each backup in it can be restored by itself.

Copied: everything in the data folder but what can be made again (index, drawn pages) and older
copies of the database. The database is copied first, then the files: originals are named by their
content and never change, so what the database names is there, unless it was erased meanwhile.
"""

from waymark.pipeline.backup.making import BackupMade, back_up
from waymark.pipeline.backup.reading import unfinished_in
from waymark.pipeline.backup.restoring import Restored, check_backup, restore

__all__ = ["BackupMade", "Restored", "back_up", "check_backup", "restore", "unfinished_in"]
