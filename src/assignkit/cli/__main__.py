"""`python -m assignkit.cli` is `assignkit`."""

from assignkit.cli.main import main

if __name__ == "__main__":
    main()
