"""Mutants made by machine: one operator, bound or number of a module changed at a time.

R. A. DeMillo, R. J. Lipton, F. G. Sayward: "Hints on test data selection: help for the practicing programmer",
Computer 11 (4), 1978. `sampled.toml` says which modules, which tests have to notice, and which changes make no
difference that anybody could see.
"""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from tests.mutants.planting import PACKAGE

FILE = Path(__file__).with_name("sampled.toml")

_COMPARISONS: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = MappingProxyType(
    {
        ast.Lt: (ast.LtE, ast.GtE),
        ast.LtE: (ast.Lt, ast.Gt),
        ast.Gt: (ast.GtE, ast.LtE),
        ast.GtE: (ast.Gt, ast.Lt),
        ast.Eq: (ast.NotEq,),
        ast.NotEq: (ast.Eq,),
        ast.Is: (ast.IsNot,),
        ast.IsNot: (ast.Is,),
        ast.In: (ast.NotIn,),
        ast.NotIn: (ast.In,),
    }
)
_SUMS: Mapping[type[ast.operator], type[ast.operator]] = MappingProxyType(
    {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult}
)
_NAMES: Mapping[str, str] = MappingProxyType({"max": "min", "min": "max", "any": "all", "all": "any"})


@dataclass(frozen=True, slots=True)
class Flip:
    """One change: in which function and line, from what to what; `place` is the expression's number in the file."""

    function: str
    line: int
    change: str
    path: Path
    tree: ast.Module
    place: int
    made: ast.expr

    @property
    def label(self) -> str:
        """What `sampled.toml` calls it."""
        return f"{self.function}: {self.change}"

    @property
    def texts(self) -> Mapping[Path, str]:
        """The file with the change in it."""
        changed = deepcopy(self.tree)
        _, node = list(_places(changed))[self.place]
        for name, value in ast.iter_fields(self.made):
            setattr(node, name, value)
        return {self.path: ast.unparse(changed)}


@dataclass(frozen=True, slots=True)
class Sample:
    """A module whose operators are changed; `harmless` says of some changes why nobody can see them."""

    module: str
    tests: tuple[str, ...]
    harmless: Mapping[str, str] = field(default_factory=dict)

    def all_flips(self, root: Path) -> list[Flip]:
        """Return every change of the module as it is in a checkout."""
        path = PACKAGE / self.module
        tree = ast.parse((root / path).read_text(encoding="utf-8"))
        made_of = [
            (function, node, place, made)
            for place, (function, node) in enumerate(_places(tree))
            for made in _others(node)
        ]
        seen: Counter[tuple[str, str]] = Counter()
        found = []
        for function, node, place, made in made_of:
            change = f"{ast.unparse(node)} -> {ast.unparse(made)}"
            seen[function, change] += 1
            again = f" ({seen[function, change]})" if seen[function, change] > 1 else ""
            found.append(Flip(function, node.lineno, change + again, path, tree, place, made))
        return found


def sampled() -> list[Sample]:
    """Return the modules whose operators are changed."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))["sample"]
    return [Sample(one["module"], tuple(one["tests"]), one.get("harmless", {})) for one in told]


def flips(sample: Sample, root: Path) -> Iterator[Flip]:
    """Yield the changes that a test has to notice."""
    return (flip for flip in sample.all_flips(root) if flip.label not in sample.harmless)


def _places(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the expressions within functions, each with its function; annotations and f-strings' formats are none."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        pending: list[ast.AST] = [*function.body]
        while pending:
            node = pending.pop(0)
            if isinstance(node, ast.FunctionDef | ast.JoinedStr):
                continue
            if isinstance(node, ast.expr):
                yield function.name, node
            pending.extend(child for child in ast.iter_child_nodes(node) if not _is_beside(child, node))


def _is_beside(child: ast.AST, node: ast.AST) -> bool:
    """Return whether it says nothing of what happens: an annotation, or `strict=` where something else is checked."""
    annotation = isinstance(node, ast.AnnAssign) and child is node.annotation
    return annotation or (isinstance(child, ast.keyword) and child.arg == "strict")


def _others(node: ast.expr) -> list[ast.expr]:
    """Return what the expression could be by mistake; all of its own type, so that their fields can be taken over."""
    match node:
        case ast.Compare():
            return list(_compared_otherwise(node))
        case ast.BoolOp(op=operator):
            return [ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), node.values)]
        case ast.BinOp(op=operator) if type(operator) in _SUMS:
            return [ast.BinOp(node.left, _SUMS[type(operator)](), node.right)]
        case ast.Call(func=ast.Name(id=name)) if name in _NAMES:
            return [ast.Call(ast.Name(_NAMES[name]), node.args, node.keywords)]
        case ast.Constant(value=bool(value)):
            return [ast.Constant(not value)]
        case ast.Constant(value=int(value)):
            return [ast.Constant(value + 1)]
        case ast.IfExp():
            return [ast.IfExp(node.test, node.orelse, node.body)]
        case _:
            return []


def _compared_otherwise(node: ast.Compare) -> Iterator[ast.Compare]:
    """Yield the comparison with one of its operators changed."""
    for place, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            yield ast.Compare(node.left, [*node.ops[:place], other(), *node.ops[place + 1 :]], node.comparators)
