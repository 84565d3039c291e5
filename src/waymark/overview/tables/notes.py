"""Notes below tables: what is counted, and what the numbers cannot tell. Pure."""

from waymark.coding.agreement import FEWEST_UNITS

SELECTION = (
    "A review takes place because of what happened. These figures describe the reviews and the"
    " children in them. They do not show how common anything is among other families, and they"
    " cannot be used to predict anything."
)
COUNTED_WITH = "Counted with the framework"
"""Beginning of the note that names the framework."""
ROUNDING = "Percentages are whole numbers, halves rounded up; they may not add up to 100."
SILENCE = (
    "A number that counts what reports do not say links to the reviews only: there is no passage to"
    " show."
)
MONTHS = (
    "Months are counted from the last month of the period that a review looked at, which is usually"
    " that of the incident, to the month in which the review was completed, and from there to the"
    " month of publication. The dates are those of the review's record, so these numbers link to"
    " reviews, not to passages."
)
MULTIPLE = "A review can be in several rows, so the rows do not add up."
BOUNDS = (
    "Recorded means that the report records the factor as present or suspected. The lower bound"
    " counts it as present only; the upper bound counts every review that does not state its"
    " absence. Silence is not absence: if the reports are right, the share is between the two."
)
RECORDED_STATES = (
    "Counted where the report records the factor as present or suspected. Silence is not absence: a"
    " report that does not mention a factor does not say that it was absent."
)
SILENT_SUMMARIES = (
    "An executive summary or a letter leaves out more than a full report, so its silence means"
    " less. Look at the kinds of report before you compare periods."
)
SILENT_VARIABLES = (
    "Stated: the report gives an answer; for a factor, it records it as present or suspected; for a"
    " service, that it was in contact. Not mentioned: the report is silent. Not judged: nobody"
    " coded it, as where a fact is asked of some children only. Silence is not absence."
)
STATED_ALONE = (
    "Stated: the report gives an answer; for a factor, it records it as present or suspected; for a"
    " service, that it was in contact. What reports do not say is not shown: it would reveal"
    " numbers that are withheld."
)
CONTACT = (
    "Counted where the report says that the service was in contact with the child or the family"
    " before the incident. A service that a report does not mention may still have been in contact."
)
THEMES = (
    "A review is counted once for a theme, however many passages have it. Quotes that overlap"
    " count as one passage. Reports differ in length, so do not rank themes by passages."
)
QUALIFIED = (
    "Only passages that a coder marked with {0}: {1} are counted. If two people marked the same"
    " passage, one of them is enough."
)
ACROSS = (
    "The number of reviews of each kind is in brackets in the head of its column. A number is out"
    " of these, not out of all reviews. If they are few, a difference of one or two means nothing."
)
CRITERIA_MET = (
    "The person who recorded a recommendation judged which criteria it meets. A recommendation can"
    " meet several, so these rows do not add up."
)
COMPLETE_IS_NOT_IMPACT = (
    "Complete means that the work was reported as complete. It does not mean that anything changed."
    " Evidence of change: practice or children's outcomes changed."
)
OVERDUE = "Overdue: still open {0}, after its due date."
AGREEMENT = (
    "A unit is one code in one review that two people coded independently, before they discussed"
    " it. First and second coder: the units in which they used the code. Kappa (Cohen) and AC1"
    " (Gwet) measure agreement beyond chance. Within codes, the chance of each code is taken apart:"
    " quote this figure. The mean is of the codes' own figures. Pooled, all codes count as one,"
    " which flatters: it takes for agreement that both coders know which codes are common. Lower"
    " and upper are the bounds of a 95 per cent interval. [z]: does not apply, as a count of"
    " units for a mean; or both coders gave every unit the same value, so kappa is not defined; AC1"
    " is, because chance counts both values of the scale. [x]: no bounds, because there are fewer"
    f" than {FEWEST_UNITS} units, or for a mean."
    " These numbers link to the reviews only: they count two people's work, not the agreed"
    " passages."
)
FEW_REVIEWS = (
    "The bounds rest on {0} reviews coded twice. That is too few to draw reviews from, so single"
    " units were drawn 2,000 times as if codes of one review had nothing to do with one another."
    " The true bounds are wider."
)
MANY_REVIEWS = "The bounds rest on {0} reviews coded twice: whole reviews were drawn 2,000 times."
