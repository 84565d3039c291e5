"""Pages of the training: courses and calendars for visitors, editing for staff."""
