"""Answers that are lost on the way, above all those to COMMIT: with a key, asking again gives the same decision."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from assignkit import Desk
from assignkit.errors import BackendError, IdempotencyError
from assignkit.repositories.base import Store
from assignkit.repositories.sql.errors import UncertainError
from tests.campaigns.auditing import BrokenPromiseError, Tables, audit
from tests.campaigns.playing import Campaign, Place
from tests.campaigns.proxy import Fate, Proxy, proxy_for
from tests.campaigns.scenes import dice
from tests.campaigns.stage import CALLS, PEOPLE, Call, differences, open_desk, picture, set_stage

KEYED = [call for call in CALLS.values() if call.other is not None]
_FATES: tuple[Fate, ...] = ("cut before", "cut after", "swallow")


class Loser:
    """Loses the answer to one COMMIT, or to any piece of what is said."""

    def __init__(self, fate: Fate, at: int, *, commits_only: bool) -> None:
        self._fate = fate
        self._left = at
        self._commits_only = commits_only

    def __call__(self, said: bytes) -> Fate:
        if self._commits_only and b"COMMIT\0" not in said:
            return "pass"
        self._left -= 1
        return self._fate if self._left == 0 else "pass"


def answers(place: Place, seed: int, *, full: bool) -> Counter[str]:
    """Lose 40 answers, 8 in short, half of them to COMMITs; then ask again, under the same key."""
    assert place.server is not None
    logging.getLogger("assignkit").setLevel(logging.CRITICAL)
    rng, template = dice(seed), place.tenant()
    done: Counter[str] = Counter()
    with place.store(template) as store:
        set_stage(store)
        before = picture(store)
    with proxy_for(place.server) as proxy:
        for number in range(40 if full else 8):
            call = rng.choice(KEYED)
            at, commits_only = (rng.randint(1, 2), True) if number % 2 else (rng.randint(1, 40), False)
            loser = Loser(rng.choice(_FATES), at, commits_only=commits_only)
            tenant = place.tenant()
            place.tables(template).copy_to(tenant)
            with _through(proxy, place, tenant, call) as desk, place.store(tenant) as store:
                trial = Trial(call, desk, store, place.tables(tenant), before)
                found = list(trial.play(proxy, loser, rng.choice([None, "k", "k"])))
            if found:
                raise BrokenPromiseError([f"{line} [{call.name}]" for line in found])
            done += Counter(answers_asked_for=1)
        done["lost"] = proxy.lost
    return done


@dataclass(frozen=True)
class Trial:
    """One call through a proxy that loses an answer."""

    call: Call
    desk: Desk
    store: Store
    tables: Tables
    before: dict[str, Any]

    def play(self, proxy: Proxy, loser: Loser, key: str | None) -> Iterator[str]:
        """Lose one answer, and yield what was broken by it."""
        lost, raised, result = proxy.lost, None, None
        proxy.choose = loser
        try:
            result = self.call.act(self.desk, key)
        except BackendError as error:
            raised = error
        except Exception as error:  # noqa: BLE001 - this is what is searched for
            yield f"promise 12: {type(error).__name__} escapes: {error}"
        proxy.choose = lambda _: "pass"
        self.tables.settle()
        changed = differences(self.before, picture(self.store))
        if raised is not None and proxy.lost == lost:
            yield f"promise 12: nothing was lost, but it raised {raised}"
        if raised is None and not changed:
            yield "promise 4: it came to its end, and nothing is changed"
        if raised is not None and changed and not isinstance(raised, UncertainError):
            yield f"promise 12: it raised {type(raised).__name__}: {raised}, but changed {changed}"
        audit(self.store, self.tables, agents=PEOPLE)
        if key is not None:
            yield from _asked_again(self.call, key, self.desk, result if raised is None else None)
            audit(self.store, self.tables, agents=PEOPLE)


def _asked_again(call: Call, key: str, desk: Desk, result: Any) -> Iterator[str]:  # noqa: ANN401 - any call's
    """The caller that got no answer asks again under its key; so does somebody else, for something else."""
    again = call.act(desk, key)
    once_more = call.act(desk, key)
    if again != once_more or (result is not None and result != again):
        yield f"promise 6: asked again, it gave {again}, after {result}, before {once_more}"
    assert call.other is not None
    try:
        call.other(desk, key)
    except IdempotencyError:
        return
    yield "promise 6: another request under the key was not refused"


@contextmanager
def _through(proxy: Proxy, place: Place, tenant: str, call: Call) -> Iterator[Desk]:
    """A desk whose store reaches the server through the proxy."""
    with place.store(tenant, url=proxy.url) as store:
        store.teams.list()  # connected
        yield open_desk(store, clock=call.clock())


ANSWERS = Campaign("answers", "answers of the server that are lost, above all to COMMIT", answers, on=("postgresql",))
