"""Whole policies as other means have them: which rule matches, then who of its team has least to do."""
