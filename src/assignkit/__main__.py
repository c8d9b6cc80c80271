"""`python -m assignkit`: the command line, where its own name is not on the path."""

from __future__ import annotations

from assignkit_command import main

if __name__ == "__main__":
    main()
