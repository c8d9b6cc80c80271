"""A maker of desks that checks every store's books when the test is over, and the kind of store that desks are on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from tests.unit.desk import making
from tests.unit.desk.making import OpenDesk, open_desk
from tests.unit.desk.on_sql import NOT_ON_POSTGRESQL, NOT_THERE, opener


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kind = config.getoption("desk_on")
    gaps = {"memory": {}, "sqlite": NOT_THERE, "postgresql": {**NOT_THERE, **NOT_ON_POSTGRESQL}}[kind]
    for item in items:
        reason = gaps.get(getattr(item, "originalname", item.name))
        if reason is not None:
            item.add_marker(pytest.mark.xfail(strict=True, reason=reason))


@pytest.fixture(scope="session", autouse=True)
def desk_on(request: pytest.FixtureRequest) -> Iterator[None]:
    """Open desks on the kind of store that was asked for."""
    kind = request.config.getoption("desk_on")
    if kind == "memory":
        yield
        return
    if kind == "sqlite":
        engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    else:
        url = request.getfixturevalue("postgres").url
        engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1), pool_size=20)
    before = making.new_store
    making.new_store = opener(engine)  # type: ignore[assignment]  # what tests ask of a store in memory, it has
    yield
    making.new_store = before
    engine.dispose()


@pytest.fixture
def make() -> Iterator[Callable[..., OpenDesk]]:
    """Return `open_desk`; the stores of all desks it made must agree with themselves in the end."""
    made: list[OpenDesk] = []

    def maker(*args: object, **kwargs: object) -> OpenDesk:
        made.append(open_desk(*args, **kwargs))  # type: ignore[arg-type]  # whatever open_desk takes
        return made[-1]

    yield maker
    for desk in made:
        desk.store._check()
