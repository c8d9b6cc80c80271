"""Engines that match whole tables: `prepare(rules, table)` returns what gives the first rule of each row.

A table is a pyarrow table; rows are numbered as they stand in it, and -1 stands for no rule.
"""
