"""Together: a batch whose agents a solver chooses for all items at once."""
