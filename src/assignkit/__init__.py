"""assignkit decides who gets this customer, and who does this task: by rules that a sales manager can read."""
