"""Import records from other catalogues and export ours. Does not depend on Django."""
