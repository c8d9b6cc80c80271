"""The command line: one command per file, and nothing that the library could not do without it."""
