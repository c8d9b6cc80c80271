"""The campaigns, short: the long ones run in `make soak`, which prints the seed and how to play a round again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaigns.catalogue import CAMPAIGNS
from tests.campaigns.playing import DATABASES, Place, place_for, run

SEED = 20261121
PLAYED = [(database, name) for database in DATABASES for name, campaign in CAMPAIGNS.items() if database in campaign.on]


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, quick_folder: Path) -> Iterator[Place]:
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    with place_for(request.param, server=server, folder=quick_folder) as place:
        yield place


@pytest.mark.parametrize(("place", "name"), PLAYED, indirect=["place"])
def test_a_short_campaign_finds_nothing(place: Place, name: str) -> None:
    campaign = CAMPAIGNS[name]
    done = run(campaign, place, seed=SEED, rounds=campaign.short_rounds, full=False)
    assert done["rounds"] == campaign.short_rounds
