"""Choosing: orders give every eligible candidate a key, and the smallest key wins."""
