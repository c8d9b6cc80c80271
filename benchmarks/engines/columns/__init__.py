"""Engines that match whole tables: `prepare(rules, table)` returns what gives the first rule of each row.

A table is a pyarrow table with a column `row` that numbers its rows; -1 stands for no rule. Two arrays are given: the
numbers of rows, in whichever order, None for that of the table; and the rule of each.
"""
