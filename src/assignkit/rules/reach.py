"""Which rules are reached: whether rules before one take everything that it matches, and what no rule takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from assignkit.rules.boxing import Questions, TooManyBoxesError
from assignkit.rules.plan import Continue, Rule
from assignkit.rules.regions import Box, Choice, meet, minus

MOST_STEPS = 50_000  # of comparing and cutting boxes, in a rule set: some hundred milliseconds


@dataclass(slots=True)
class Reach:
    """What is known of one rule.

    `boxes` are the records that it matches, None where that could not be found out. `hidden_by` are the rules before it
    that leave nothing for it; `decided` says whether that was found out for certain.
    """

    rule: Rule
    boxes: list[Box] | None
    hidden_by: tuple[Rule, ...] = ()
    decided: bool = True

    @property
    def never_matches(self) -> bool:
        """Return whether there is no record that it matches."""
        return self.boxes is not None and not self.boxes


@dataclass(slots=True)
class Reached:
    """What is known of the rules of one kind, in the order in which they are tried; `left` is a box that none takes."""

    reaches: list[Reach] = field(default_factory=list)
    left: Box | None = None
    questions: Questions = field(default_factory=Questions)


def takes_all(rule: Rule) -> bool:
    """Return whether no rule behind this one sees an item that this one matches."""
    dated = rule.active_from is not None or rule.active_until is not None
    return not dated and bool(rule.steps) and not any(isinstance(step.action, Continue) for step in rule.steps)


def reached(rules: Iterable[Rule], unknown: frozenset[int] = frozenset()) -> Reached:
    """Return what is known of rules that are given in the order in which they are tried.

    Of those at the positions `unknown` it is not looked at what they match.

    What is said to be hidden is so for certain. It is found out exactly where conditions compare single fields with
    constants; where they do not, or there are too many pieces, `decided` is False.
    """
    found = Reached()
    earlier = _Earlier(found.questions)
    for rule in rules:
        reach = Reach(rule, None if rule.position in unknown else _boxes(rule, found.questions))
        _look(reach, earlier)
        found.reaches.append(reach)
        if reach.boxes is None:
            earlier.unknown = True
        elif takes_all(rule):
            earlier.add(rule, reach.boxes)
    if not earlier.unknown:
        found.left = earlier.search([{}]).witness
    return found


def _boxes(rule: Rule, questions: Questions) -> list[Box] | None:
    try:
        return questions.boxes(rule.condition)
    except TooManyBoxesError:
        return None


def _look(reach: Reach, earlier: _Earlier) -> None:
    if reach.boxes is None:
        reach.decided = False
    elif reach.boxes:
        found = earlier.search(reach.boxes)
        if found.covered:
            reach.hidden_by = _fewest(reach.boxes, found.used, earlier)
        else:
            reach.decided = not earlier.unknown and (found.witness is not None or not found.used)


def _fewest(boxes: list[Box], used: list[Rule], earlier: _Earlier) -> tuple[Rule, ...]:
    """Return one rule that takes all the boxes if there is one, else all that take part in it."""
    for rule in used:
        left: list[Box] = [{**earlier.known(), **box} for box in boxes]
        for taken in earlier.boxes_of(rule):
            left = [piece for box in left for piece in minus(box, taken)]
        if not left:
            return (rule,)
    return tuple(used)


@dataclass(slots=True)
class _Search:
    """What came of looking for records that the rules before leave: one of them, or that there are none."""

    witness: Box | None = None
    covered: bool = False
    used: list[Rule] = field(default_factory=list)


class _Earlier:
    """The boxes of the rules before, found by the values that they ask for."""

    def __init__(self, questions: Questions) -> None:
        self.unknown = False
        self._questions = questions
        self._boxes: list[tuple[Rule, Box]] = []
        self._asking: dict[str, dict[object, int]] = {}  # of each field, which boxes ask for a value of it
        self._choosy: dict[str, int] = {}  # of each field, which boxes take only some values of it
        self._steps = 0

    def add(self, rule: Rule, boxes: Sequence[Box]) -> None:
        """Add the boxes of a rule."""
        for box in boxes:
            bit = 1 << len(self._boxes)
            self._boxes.append((rule, box))
            for name, domain in box.items():
                if isinstance(domain, Choice) and not domain.others and not domain.missing:
                    self._choosy[name] = self._choosy.get(name, 0) | bit
                    asking = self._asking.setdefault(name, {})
                    for value in domain.values:
                        asking[value] = asking.get(value, 0) | bit

    def known(self) -> Box:
        """Return which values the fields can have of which all values are known."""
        return self._questions.known()

    def boxes_of(self, rule: Rule) -> list[Box]:
        """Return the boxes of one rule."""
        return [box for each, box in self._boxes if each is rule]

    def search(self, boxes: Sequence[Box]) -> _Search:
        """Look for a record in the boxes that no rule before takes, piece by piece; stops at the first one."""
        found = _Search()
        known = self._questions.known()
        waiting = [(box, 0) for each in reversed(boxes) if (box := meet(each, known)) is not None]
        doubtful = False
        while waiting:
            box, start = waiting.pop()
            index = self._next_meeting(box, start)
            if self._steps > MOST_STEPS:
                return found
            if index is None:
                if self._questions.exists(box):
                    found.witness = box
                    return found
                doubtful = True
                continue
            rule, taken = self._boxes[index]
            if rule not in found.used:
                found.used.append(rule)
            pieces = minus(box, taken)
            waiting += [(piece, index + 1) for piece in sorted(pieces, key=self._doubts, reverse=True)]
        found.covered = not doubtful
        return found

    def _doubts(self, box: Box) -> int:
        return len(self._questions.opaque.keys() & box.keys())

    def _next_meeting(self, box: Box, start: int) -> int | None:
        """Return which box from `start` on has something in common with this one, or None."""
        candidates = self._candidates(box) >> start
        index = start
        while candidates:
            step = (candidates & -candidates).bit_length()
            candidates >>= step
            index += step
            self._steps += 1
            if meet(box, self._boxes[index - 1][1]) is not None:
                return index - 1
            if self._steps > MOST_STEPS:
                break
        return None

    def _candidates(self, box: Box) -> int:
        """Return which boxes may have something in common with this one."""
        found = (1 << len(self._boxes)) - 1
        for name, domain in box.items():
            if isinstance(domain, Choice) and not domain.others and name in self._choosy:
                asking = self._asking[name]
                wanted = 0
                for value in domain.values:
                    wanted |= asking.get(value, 0)
                found &= wanted | ~self._choosy[name]
        return found
