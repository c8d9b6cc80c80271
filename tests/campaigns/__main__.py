"""`python -m tests.campaigns [NAMES] --on DATABASE --seed N --rounds N --seconds N`: plays campaigns, tells figures.

Ends with 1, and with the command that plays it again, when a promise was broken.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter

from tests.campaigns.catalogue import CAMPAIGNS
from tests.campaigns.playing import DATABASES, Campaign, in_words, place_for, run


def main() -> int:
    """Play the campaigns that were asked for; return 1 if one found something."""
    asked = _parsed()
    if not asked.verbose:  # errors that a campaign makes happen are told where they are put up with
        logging.getLogger("assignkit").setLevel(logging.CRITICAL)
    seed = asked.seed if asked.seed is not None else time.time_ns() % 10**9
    _say(f"seed {seed}")
    broken = 0
    for name in asked.on:
        with place_for(name) as place:
            for campaign in [CAMPAIGNS[one] for one in asked.names or CAMPAIGNS if name in CAMPAIGNS[one].on]:
                began = time.monotonic()
                try:
                    done = run(
                        campaign, place, seed=seed, rounds=asked.rounds, seconds=asked.seconds, full=not asked.short
                    )
                    _tell(campaign, name, done, time.monotonic() - began, in_full=asked.verbose)
                except AssertionError as error:
                    broken += 1
                    _say(f"BROKEN {campaign.name} on {name}\n{error}")
    return int(broken > 0)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*CAMPAIGNS, []], help="which, all if none is named")
    parser.add_argument("--on", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--seed", type=int, default=None, help="repeats the operations of a run")
    parser.add_argument("--rounds", type=int, default=None, help="how many rounds of each")
    parser.add_argument("--seconds", type=float, default=None, help="how long each")
    parser.add_argument("--short", action="store_true", help="rounds as in `make test`")
    parser.add_argument("--verbose", action="store_true", help="tell of every kind of outcome, and let the desk log")
    asked = parser.parse_args()
    if asked.rounds is None and asked.seconds is None:
        asked.rounds = 1
    return asked


def _tell(campaign: Campaign, database: str, done: Counter[str], seconds: float, *, in_full: bool) -> None:
    figures = Counter({name: count for name, count in done.items() if in_full or ":" not in name})
    _say(f"kept   {campaign.name} on {database}: {in_words(figures)} in {seconds:.0f} s")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
