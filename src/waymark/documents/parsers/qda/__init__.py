"""Reader of REFI-QDA files: projects (.qdpx) and codebooks (.qdc) of other programs.

It runs in the disposable child of documents/isolation, like every parser: a file may be hostile.
"""

from waymark.documents.parsers.qda.files import read_qda_file

__all__ = ["read_qda_file"]
