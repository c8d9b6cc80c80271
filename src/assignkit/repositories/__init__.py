"""Keeping: the contract that every store fulfils, and the stores themselves."""
