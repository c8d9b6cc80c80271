"""Deciding: who is in which target, who may have the item, who is first; and why. Nothing here writes."""
