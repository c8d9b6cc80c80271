"""The server crashes while processes decide, and the disk is full: what was acknowledged is there, the rest is not.

A server of its own, which writes to the disk when it says so, is stopped at once (`pg_ctl -m immediate`) or killed, and
started again. A SQLite file may grow by a few pages only, so that SQLite itself says that the disk is full.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from assignkit import ManualClock
from assignkit.repositories.sql import SqlStore
from tests.campaigns.auditing import BrokenPromiseError, audit
from tests.campaigns.crowds import Errand
from tests.campaigns.kills import Storm, lost_answers
from tests.campaigns.playing import Campaign, Place, place_for
from tests.campaigns.scenes import MORNING, ONE_ROTATION, dice
from tests.campaigns.turns import check_rotations
from tests.campaigns.working import MIXED, Worker
from tests.postgres import Server, running_server


def crashes(place: Place, seed: int, *, full: bool) -> Counter[str]:
    """Crash a server five times, once in short; or fill the disk ten times, twice in short."""
    if place.name == "sqlite":
        return _full_disks(place, seed, times=10 if full else 2)
    with running_server(fsync=True) as server, place_for("postgresql", server=server) as durable:
        return _crashes(durable, server, seed, times=5 if full else 1)


def _crashes(place: Place, server: Server, seed: int, *, times: int) -> Counter[str]:
    scene, rng, tenant = ONE_ROTATION, dice(seed), place.tenant()
    done: Counter[str] = Counter()
    with TemporaryDirectory() as folder, place.store(tenant) as store:
        scene.open(store)
        errand = Errand(place.url, tenant, scene.name, str(seed), 0, MIXED, keyed=True)
        storm = Storm(errand, Path(folder))
        for _ in range(times):
            storm.start()
            storm.wait_for(rng.choice([0, 1, 4]))
            if rng.random() < 0.5:
                server.crash()
            else:
                server.stop()
                server.start()
            storm.wait_for(rng.choice([0, 2]))  # they find the server again, and go on
            storm.end()
            place.engine.dispose()  # the audit's own connections were cut as well
            place.tables(tenant).settle()
            events = audit(store, place.tables(tenant), agents=scene.people, told=storm.told)
            found = [*storm.raw, *lost_answers(store, storm.did), *check_rotations(store, events, teams=scene.teams)]
            if found:
                raise BrokenPromiseError(found)
        done += Counter(crashes=times, acknowledged=len(storm.did), events=len(events))
    return done


def _full_disks(place: Place, seed: int, *, times: int) -> Counter[str]:
    scene, rng, tenant = ONE_ROTATION, dice(seed), place.tenant()
    done: Counter[str] = Counter()
    told: list[str] = []
    with place.store(tenant) as store:
        scene.open(store)
        for number in range(times):
            engine = bounded_engine(place.url, pages=rng.randint(0, 12))
            with closing(SqlStore(engine, tenant=tenant)) as small:
                clock = ManualClock(MORNING)
                desk = scene.desk(small, clock)
                desk.subscribe(lambda event: told.append(event.id))
                worker = Worker(scene, desk, small, clock, dice(f"{seed} {number}"), f"w{number}", keyed=True)
                worker.work(40, MIXED)
            engine.dispose()
            events = audit(store, place.tables(tenant), agents=scene.people, told=told)
            found = [*worker.raw, *check_rotations(store, events, teams=scene.teams)]
            if found:
                raise BrokenPromiseError(found)
            refused = sum(count for what, count in worker.tally.items() if what.endswith("gave up"))
            done += Counter(full_disks=1, refused_for_want_of_room=refused, events=len(events))
    return done


def bounded_engine(url: str, *, pages: int) -> sa.Engine:
    """Return an engine on a SQLite file that may grow by so many pages only."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")

    def bound(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's
        (now,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={now + pages}")

    sa.event.listen(engine, "connect", bound)
    return engine


CRASHES = Campaign("crashes", "a server that crashes and starts again, a disk that is full", crashes)
