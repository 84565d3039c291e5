"""Rules of the product, each with a break and the tests that must notice it (script/mutants)."""
