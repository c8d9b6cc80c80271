"""Other engines on the matching workload, and what one would write by hand: one file each, `prepare(rules) -> match`.

They run in a virtual environment of their own, so nothing here imports anything of ours: see `__main__.py`. Every
engine gets the rules in the form that is fastest for it among those that its documentation shows, as far as we know;
whoever knows a faster one is welcome.
"""
