"""`python -m assignkit.cli` is `assignkit`."""

from assignkit_command import main

if __name__ == "__main__":
    main()
