"""The only readers of the alerts that pages use, one module for each subject."""
