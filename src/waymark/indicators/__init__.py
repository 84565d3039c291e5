"""Official statistics as indicators: values with markers, their sources, revisions and cautions.

Values come from files of statistics offices by a saved mapping. They are shown for each nation with
its own definition, and never added up, ranked or used to say who is at risk.
"""
