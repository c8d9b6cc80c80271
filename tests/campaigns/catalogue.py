"""All campaigns, by name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.campaigns import answers, clocks, crashes, crowding, kills, pairs, publishing, relays
from tests.campaigns.playing import Campaign
from tests.faults import matrix

CAMPAIGNS: Mapping[str, Campaign] = {
    campaign.name: campaign
    for campaign in (
        crowding.CROWD,
        crowding.ROOMS,
        kills.KILLS,
        matrix.FAULTS,
        pairs.PAIRS,
        answers.ANSWERS,
        clocks.CLOCKS,
        crashes.CRASHES,
        publishing.PUBLISHING,
        relays.RELAYS,
    )
}
