"""The Python API: re-exports and nothing else."""

__all__: list[str] = []
