"""Measures of plain numbers (waits, fairness, shares, alarms), and pictures and pages that show them."""

from __future__ import annotations
