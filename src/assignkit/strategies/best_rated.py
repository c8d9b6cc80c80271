"""`best rated`: the highest mean rating, drawn towards everybody's mean where there are few ratings.

The mean of a Bayesian estimate with a prior worth `m` ratings: B. Efron, C. Morris: "Stein's estimation rule and its
competitors: an empirical Bayes approach", Journal of the American Statistical Association 68 (341), 1973.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from assignkit.errors import ConfigurationError
from assignkit.strategies.base import BaseOrder, Candidate, Question
from assignkit.strategies.exact import exact, spell

PRIOR_RATINGS = 5


class BestRated(BaseOrder):
    """−(Σ ratings + m·prior) / (n + m): the shrunken mean of an agent's n ratings, the largest first.

    The ratings are the agent's `ratings` in the item's category; of an agent who has none there, all of its ratings,
    which are `rating` as the mean of `rated` (1 if that is not said). `prior_ratings` is m. `prior` is where somebody
    without ratings stands; unless it is given, it is the mean of all these ratings of all who are eligible.
    """

    name = "best rated"

    def __init__(self, *, prior: float | Decimal | None = None, prior_ratings: float | Decimal = PRIOR_RATINGS) -> None:
        self.prior = prior if prior is None else exact(prior)
        weight = exact(prior_ratings)
        if weight is None or weight <= 0:
            msg = f"the prior counts as a positive number of ratings, not {prior_ratings}"
            raise ConfigurationError(msg)
        self.prior_ratings = weight

    def key(self, candidate: Candidate, question: Question) -> Fraction:
        """Return the key of a candidate who is alone."""
        return self.keys([candidate], question)[0]

    def keys(self, eligible: Sequence[Candidate], question: Question) -> list[Fraction]:
        """Return the shrunken mean per candidate, negated."""
        known = [ratings_of(candidate, question) for candidate in eligible]
        count = sum(n for n, _ in known)
        prior = self.prior
        if prior is None:
            prior = sum((total for _, total in known), Fraction(0)) / count if count else 0
        borrowed = self.prior_ratings * prior
        return [-(total + borrowed) / (n + self.prior_ratings) for n, total in known]

    def describe(self, candidate: Candidate, question: Question) -> str:
        """Return the agent's own mean, and of how many ratings."""
        count, total = ratings_of(candidate, question)
        if not count:
            return "not rated"
        in_category = f" in {question.category}" if _in_category(candidate, question) else ""
        return f"rated {spell(total / count)} on average of {count}{in_category}"


def ratings_of(candidate: Candidate, question: Question) -> tuple[int, Fraction]:
    """Return how many ratings count here, and their sum."""
    agent = candidate.agent
    if _in_category(candidate, question):
        ratings = agent.ratings[question.category or ""]
        return ratings.count, Fraction(ratings.total)
    mean = None if agent.rating is None else exact(agent.rating)
    if mean is None:
        return 0, Fraction(0)
    count = agent.rated or 1
    return count, Fraction(mean) * count


def _in_category(candidate: Candidate, question: Question) -> bool:
    if question.category is None:
        return False
    ratings = candidate.agent.ratings.get(question.category)
    return ratings is not None and ratings.count > 0
