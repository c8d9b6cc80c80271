"""What agents and supervisors say while work goes on: answers to offers, presence, completion, turns by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from assignkit.desk.answering import answer_once, answered
from assignkit.desk.by_hand import availability, moving, offers, turns
from assignkit.desk.by_hand.moving import ByHand
from assignkit.desk.by_hand.turns import RotationView, TodayView
from assignkit.desk.receiving import Received, identify, receive
from assignkit.desk.running import Runner
from assignkit.desk.said import firmly_said, named, perhaps_said, said, said_fence, said_to_force
from assignkit.desk.session import Session
from assignkit.desk.waiting.dispatching import Dispatcher
from assignkit.errors import ConfigurationError
from assignkit.model.agent import Agent
from assignkit.model.decision import Decision
from assignkit.model.offers import Offers
from assignkit.model.placement import Seat
from assignkit.rules.plan import TeamTarget

T = TypeVar("T")


class _Offered(BaseModel):
    """What a broadcast answers, to be kept with its key."""

    decisions: list[Decision]
    left_out: dict[str, str]


class Working:
    """The part of a desk that agents and supervisors talk to all day."""

    _kinds: frozenset[str]
    _runner: Runner
    _dispatcher: Dispatcher

    def accept(self, offer_id: str, fence: int, *, actor: str | None = None, key: str | None = None) -> Decision:
        """Make the agent that was offered the item its holder.

        `ConflictError` for a fence that is not the offer's; `InvalidTransitionError` if the offer is accepted,
        declined, expired or rescinded already (it ends at `until`, not after); `NotFoundError` for an unknown offer;
        `NotEligibleError` for an agent who is not active any more, or has no room for what was offered to several.
        """
        offer_id, fence, actor = named("offer_id", offer_id), _fence_of(fence), said("actor", actor)
        arguments = {"offer": offer_id, "fence": fence, "actor": actor}
        return self._once("accept", key, arguments, lambda s: offers.accept(s, offer_id, fence, actor=actor))

    def decline(
        self, offer_id: str, fence: int, reason: str, *, actor: str | None = None, key: str | None = None
    ) -> Decision:
        """Turn the offer down, and return what became of the item: the next agent's offer, or that it waits.

        The agent is not asked again for this item before everybody else was, and some time has passed. Raises as
        `accept` does.
        """
        offer_id, actor, reason = named("offer_id", offer_id), said("actor", actor), firmly_said("reason", reason)
        fence = _fence_of(fence)
        arguments = {"offer": offer_id, "fence": fence, "reason": reason, "actor": actor}
        return self._once("decline", key, arguments, lambda s: offers.decline(s, offer_id, fence, reason, actor=actor))

    def broadcast(
        self,
        item: Any,  # noqa: ANN401 - whatever a host hands in
        to: Iterable[str | Agent] | str,
        *,
        within: timedelta,
        kind: str | None = None,
        actor: str | None = None,
        key: str | None = None,
    ) -> Offers:
        """Offer the item to several agents, or all of a team, at once: the first who accepts has it.

        Returns one decision per agent who may have it, by agent id, none if nobody may; the others are `left_out`, each
        with why. Such offers hold no capacity and no turn. When all have declined or the time is over, the rules
        decide. `InvalidTransitionError` for an item that an agent has, or that is on offer already;
        `ConfigurationError` for no time.
        """
        actor = said("actor", actor)
        whom = to if isinstance(to, str) else _ids_of(to)

        def act(session: Session) -> Offers:
            received = self._receive(session, item, kind)
            asked = (received.kind, received.item_id, received.told)
            arguments = {"item": asked, "to": whom, "within": within, "actor": actor}

            def offer() -> _Offered:
                # Received again once it is locked: what was read before may be out of date.
                session.directory.expect(session.unit, (), [(received.kind, received.item_id)])
                now = self._receive(session, item, kind)
                agents = session.members(TeamTarget(whom)) if isinstance(whom, str) else whom
                made = offers.broadcast(session, now, agents, within, actor=actor)
                return _Offered(decisions=made, left_out=dict(made.left_out))

            told = answered(session.unit, "broadcast", key, arguments, offer, now=session.now, model=_Offered)
            return Offers(told.decisions, told.left_out)

        return self._runner.run_and_tell(act)

    def set_presence(
        self,
        agent_id: str | int | Agent,
        state: Literal["online", "away", "offline"],
        *,
        ttl: timedelta | None = None,
        actor: str | None = None,
        key: str | None = None,
    ) -> Agent:
        """Say whether an agent is there, for `ttl` or until it is said anew; who comes online gets what waits.

        `NotFoundError` for an unknown agent, `ConfigurationError` for another state or no time to live.
        """
        identity = agent_id.id if isinstance(agent_id, Agent) else str(agent_id)
        actor = said("actor", actor)
        arguments = {"agent": identity, "state": state, "ttl": ttl, "actor": actor}

        def act(session: Session) -> Agent:
            return availability.set_presence(session, identity, state, ttl=ttl, actor=actor)

        saved = self._runner.run_and_tell(
            lambda s: answered(s.unit, "set_presence", key, arguments, lambda: act(s), now=s.now, model=Agent)
        )
        if state == "online":
            self._pull(identity)
        return saved

    def complete(
        self,
        item_id: Any,  # noqa: ANN401 - whatever a host hands in
        *,
        kind: str | None = None,
        actor: str | None = None,
        reason: str | None = None,
        fence: int | None = None,
        key: str | None = None,
    ) -> Decision:
        """Finish the item: its holder's load is free again, and the best waiting item comes to that agent at once.

        `InvalidTransitionError` unless an agent holds it; `ConflictError` if `fence` is given and is not the item's.
        """
        item = identify(item_id, kind=kind, kinds=self._kinds)
        actor, reason, fence = said("actor", actor), perhaps_said("reason", reason), said_fence(fence)
        arguments = {"item": item, "actor": actor, "reason": reason, **_seen(fence)}
        holder: list[str] = []

        def act(session: Session) -> Decision:
            placement = session.unit.placements.find(*item)
            holder[:] = [placement.agent_id] if placement is not None and placement.agent_id is not None else []
            return availability.complete(session, *item, fence=fence, actor=actor, reason=reason)

        decision = self._once("complete", key, arguments, act)
        for agent_id in holder:
            self._pull(agent_id)
        return decision

    def reassign(
        self,
        item_id: Any,  # noqa: ANN401 - whatever a host hands in
        to: str | int | Agent,
        *,
        kind: str | None = None,
        actor: str,
        reason: str,
        fence: int | None = None,
        force: bool = False,
        key: str | None = None,
    ) -> Decision:
        """Give the item to the agent `to`, whoever holds it now; the history keeps who did it and why.

        `NotEligibleError` if the agent is inactive, barred by a `never`, or full; `NotFoundError` for an unknown agent
        or item; `ConflictError` if `fence` is given and is no longer the item's. `force` gives it to an agent who is
        full, too; it lifts nothing else.
        """
        agent_id = to.id if isinstance(to, Agent) else str(to)
        item = identify(item_id, kind=kind, kinds=self._kinds)
        by_hand = ByHand(actor, reason, said_fence(fence), said_to_force(force))
        why = {"actor": by_hand.actor, "reason": by_hand.reason, "force": by_hand.force}
        arguments = {"item": item, "to": agent_id, **why, **_seen(by_hand.fence)}
        return self._once("reassign", key, arguments, lambda s: moving.reassign(s, *item, agent_id, by_hand))

    def release(
        self,
        item_id: Any,  # noqa: ANN401 - whatever a host hands in
        *,
        kind: str | None = None,
        pool: str | None = None,
        actor: str,
        reason: str,
        fence: int | None = None,
        key: str | None = None,
    ) -> Decision:
        """Take the item from its holder, into `pool` if one is named; its load is free again at once.

        The best waiting item that the holder may have comes to it at once.
        `InvalidTransitionError` if nobody holds it and it does not wait; `NotFoundError` for an item that the desk
        never saw, or a pool that neither the rules nor the store know; `ConflictError` if `fence` is given and is no
        longer the item's.
        """
        item = identify(item_id, kind=kind, kinds=self._kinds)
        by_hand = ByHand(actor, reason, said_fence(fence))
        pool = said("pool", pool)
        why = {"actor": by_hand.actor, "reason": by_hand.reason}
        arguments = {"item": item, "pool": pool, **why, **_seen(by_hand.fence)}
        freed: list[str] = []
        decision = self._once("release", key, arguments, lambda s: moving.release(s, *item, pool, by_hand, freed=freed))
        for agent_id in freed:
            self._pull(agent_id)
        return decision

    # --- whose turn it is --------------------------------------------------------------------------------------------

    def rotations(self) -> list[RotationView]:
        """Return all rotations with their seats, by name."""
        return self._runner.run(turns.rotations)

    def correct_rotation(
        self, name: str, agent_id: str, turn: int | Fraction, *, actor: str, reason: str, key: str | None = None
    ) -> RotationView:
        """Set an agent's turn in a rotation by hand; the history keeps who did it, and why.

        `NotFoundError` for an unknown rotation or agent, `ConfigurationError` for a turn below 0 or no reason.
        """
        name, agent_id = named("name", name), named("agent_id", agent_id)
        actor, reason = firmly_said("actor", actor), firmly_said("reason", reason)
        arguments = {"name": name, "agent": agent_id, "turn": str(turn), "actor": actor, "reason": reason}

        def act(session: Session) -> RotationView:
            return turns.correct(session, name, Seat(agent_id=agent_id, turn=turn), actor=actor, reason=reason)

        return self._runner.run_and_tell(
            lambda s: answered(
                s.unit, "correct_rotation", key, arguments, lambda: act(s), now=s.now, model=RotationView
            )
        )

    def why_nothing_today(self, agent_id: str | int | Agent) -> TodayView:
        """Return what came to the agent today, whether it is available now, and what kept items away from it."""
        identity = agent_id.id if isinstance(agent_id, Agent) else str(agent_id)
        return self._runner.run(lambda session: turns.today(session, session.agent(identity)))

    # --- what the desk itself provides -------------------------------------------------------------------------------

    def _receive(self, session: Session, item: Any, kind: str | None) -> Received:  # noqa: ANN401
        return receive(item, kind=kind, records=session.unit, kinds=self._kinds)

    def _pull(self, agent_id: str) -> None:
        raise NotImplementedError

    def _once(
        self, operation: str, key: str | None, arguments: Mapping[str, Any], act: Callable[[Session], Decision]
    ) -> Decision:
        return self._runner.run_and_tell(
            lambda session: answer_once(session.unit, operation, key, arguments, lambda: act(session), now=session.now)
        )


def _fence_of(given: object) -> int:
    """Return the fence of an offer, which has to be said."""
    fence = said_fence(given)
    if fence is None:
        msg = "`fence` is missing: an offer is accepted or declined with the `fence` of its decision"
        raise ConfigurationError(msg)
    return fence


def _seen(fence: int | None) -> dict[str, int]:
    """Return the fence as a part of what a key stands for; nothing without one, so that older keys stand for it too."""
    return {} if fence is None else {"fence": fence}


def _ids_of(agents: object) -> list[str]:
    """Return the ids of agents, sorted; `ConfigurationError` for what is no list of them."""
    if not isinstance(agents, Iterable) or isinstance(agents, BaseModel | bytes):
        msg = f"an item is offered to a list of agents, or to a team by its name, not to a {type(agents).__name__}"
        raise ConfigurationError(msg)
    return sorted(str(getattr(agent, "id", agent)) for agent in agents)
