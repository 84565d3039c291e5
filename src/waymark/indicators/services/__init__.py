"""Services of the indicators: describe and publish them, import files, correct values."""

from waymark.indicators.services.contacts import (
    ContactDetails,
    log_contact,
    log_contacts,
    publish_highlight,
    remove_contact,
    withdraw_highlight,
)
from waymark.indicators.services.describing import (
    IndicatorDescription,
    PanelDescription,
    add_series_break,
    create_indicator,
    describe_indicator,
    describe_panel,
    remove_series_break,
    set_indicator_state,
)
from waymark.indicators.services.importing import (
    ImportResult,
    drop_proposed_import,
    import_values,
    propose_import,
    save_mapping,
)
from waymark.indicators.services.values import correct_value

__all__ = [
    "ContactDetails",
    "ImportResult",
    "IndicatorDescription",
    "PanelDescription",
    "add_series_break",
    "correct_value",
    "create_indicator",
    "describe_indicator",
    "describe_panel",
    "drop_proposed_import",
    "import_values",
    "log_contact",
    "log_contacts",
    "propose_import",
    "publish_highlight",
    "remove_contact",
    "remove_series_break",
    "save_mapping",
    "set_indicator_state",
    "withdraw_highlight",
]
