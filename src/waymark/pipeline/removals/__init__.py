"""What is hidden, withdrawn, erased or replayed after a restore, in all stages."""
