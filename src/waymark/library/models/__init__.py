"""The catalogue: records of reviews and resources, their subjects, deposits, concerns and imports.

Whoever may see a review or resource may see its record. Only the services of this stage write
here.
"""

from waymark.library.models.authors import (
    Author,
    AuthorKind,
    AuthorName,
    AuthorOfWork,
    DifferentAuthors,
)
from waymark.library.models.bulk_changes import (
    BulkAction,
    BulkChange,
    BulkChangeItem,
    BulkField,
    BulkKind,
    BulkOutcome,
    BulkUndo,
)
from waymark.library.models.catalogue import (
    LINK_PATIENCE,
    AbstractPlace,
    CatalogueRecord,
    Publishable,
    Relation,
    RelationKind,
    Resource,
    ResourceKind,
    ReviewDetails,
    ReviewStep,
    unindexed_records,
)
from waymark.library.models.concerns import (
    Concern,
    ConcernDecision,
    ConcernItem,
    ConcernKind,
)
from waymark.library.models.deposits import Deposit, DepositMade, DepositState
from waymark.library.models.family import FamilyNotification, NotificationMethod
from waymark.library.models.feedback import PageFeedback
from waymark.library.models.holdings import Holding, HoldingKind
from waymark.library.models.imports import Import, ImportedRecord, ImportState
from waymark.library.models.notices import ServiceNotice
from waymark.library.models.originals import OriginalDecision, OriginalTerms
from waymark.library.models.public_words import PublicWordsAnswer, PublicWordsVerdict
from waymark.library.models.removals import Removal, RemovalKind, Retention
from waymark.library.models.saved_searches import SavedSearch
from waymark.library.models.thesaurus import Concept, Label, LabelKind, ThesaurusScheme
from waymark.library.models.topics import Topic, TopicOrigin, TopicVersion

__all__ = [
    "LINK_PATIENCE",
    "AbstractPlace",
    "Author",
    "AuthorKind",
    "AuthorName",
    "AuthorOfWork",
    "BulkAction",
    "BulkChange",
    "BulkChangeItem",
    "BulkField",
    "BulkKind",
    "BulkOutcome",
    "BulkUndo",
    "CatalogueRecord",
    "Concept",
    "Concern",
    "ConcernDecision",
    "ConcernItem",
    "ConcernKind",
    "Deposit",
    "DepositMade",
    "DepositState",
    "DifferentAuthors",
    "FamilyNotification",
    "Holding",
    "HoldingKind",
    "Import",
    "ImportState",
    "ImportedRecord",
    "Label",
    "LabelKind",
    "NotificationMethod",
    "OriginalDecision",
    "OriginalTerms",
    "PageFeedback",
    "PublicWordsAnswer",
    "PublicWordsVerdict",
    "Publishable",
    "Relation",
    "RelationKind",
    "Removal",
    "RemovalKind",
    "Resource",
    "ResourceKind",
    "Retention",
    "ReviewDetails",
    "ReviewStep",
    "SavedSearch",
    "ServiceNotice",
    "ThesaurusScheme",
    "Topic",
    "TopicOrigin",
    "TopicVersion",
    "unindexed_records",
]
