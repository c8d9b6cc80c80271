"""The nouns of the desk: customers, agents, tasks, what became of them, and why. Data only."""
