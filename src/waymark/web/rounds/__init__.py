"""Staff pages of coding beside the workbench: rounds, differences, agreement, case profiles."""
