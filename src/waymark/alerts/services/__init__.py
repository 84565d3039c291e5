"""The only writers of the alerts, one module for each subject."""
