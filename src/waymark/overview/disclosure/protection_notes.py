"""Notes under protected tables. Pure.

The attack on published files reads the profile, thresholds and "about the process" from these notes
(publishing.attack.merge_files): a new wording must keep its words, or teach it the new ones.
"""

OPEN = "Disclosure profile open: no figures are withheld."
PROCESS = (
    "Disclosure profile {0}: no figures are withheld, because this table is about the process of"
    " review."
)
WITHHELD = (
    "Disclosure profile {0}: a number of people or reviews under {1} is withheld, and so are other"
    " numbers that could be used to work it out. Percentages are withheld with their numbers."
)
ROUNDED = (
    "Disclosure profile {0}: numbers are rounded to multiples of {1} so that totals still add up;"
    " none is further than {2} from the true count. Percentages are of rounded numbers."
)
CLOSED = (
    "The numbers in this table do not link to their reviews, because the evidence for one number"
    " could reveal another that is withheld."
)
COARSER = "Under this profile the table is shown in less detail: {0}."
TOGETHER = "Counted together, because the number of reviews of each kind is withheld: {0}."
UNCROSSED = (
    "Not broken down, because too many numbers would have to be withheld or a small one could be"
    " worked out: {0}."
)
UNTOLD = (
    "Disclosure profile {0}: nothing is shown, because the number of these reviews that show a"
    " theme could be used to work out a withheld number."
)
HIDDEN = "Not shown, because few reviews are of that kind or their number is withheld: {0}."
NOT_LISTED = (
    "Reviews are not listed here, because {0} themes by a fact about people: a list of the reviews"
    " that show a theme could be used to work out withheld facts about single reviews."
)
RECORDED_ONLY = (
    "Recorded means that the report records the factor as present or suspected. Silence is not"
    " absence: a factor that a report does not mention may still have been present."
)
