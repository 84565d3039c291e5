"""Exchange of codings with other programs by REFI-QDA: projects (.qdpx) and codebooks (.qdc). Pure.

offsets.py     what a written position means, in each dialect
scoring.py     which dialect a project is in, and where its selections are
folding.py     the same words in two texts that differ in white space and typographic marks
page_boxes.py  which words a rectangle on a page covers
matching.py    codes, users, notes and values of a project against ours
writing.py     our codings as a project
codebook.py    a framework as a codebook, and a codebook as a draft framework
"""
