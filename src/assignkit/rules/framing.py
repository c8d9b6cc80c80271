"""What stands around the statements of generated functions: how they are called, and what they do when one fails."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from types import CodeType


def one_at_a_time(lines: Iterable[str], parameters: str) -> CodeType:
    """Return the code of `generated(PARAMETERS)`; when a statement fails, FALLBACK is asked.

    The statements may read `record`, the item seen as a plain dict, which is the last of the parameters then; the
    fallback does without.
    """
    body = "\n  ".join(lines)
    given = parameters.removesuffix(", record")
    text = f"def generated({parameters}):\n try:\n  {body}\n except Exception:\n  return FALLBACK({given})\n"
    return compile(text, "<rules>", "exec")


def in_a_loop(lines: Iterable[str], names: Container[str]) -> CodeType:
    """Return the code of `generated(items, now)`, whose statements append what is found for one item, and continue.

    They read `record`, the item seen as a plain dict. WITH_CARE is asked about items that cannot be seen so, and when a
    statement fails. `names` are those of the constants; what is read in a loop is bound to arguments first, as locals
    are read faster than globals.
    """
    body = "\n   ".join(lines)
    text = f"""
 kind = agent = owner = customer = agent_facts = None
 found = []
 append = found.append
 for item in items:
  if TYPE(item) is DICT: record = item
  else:
   if TYPE(item) is not kind:
    kind = TYPE(item)
    view = VIEW[kind]
   if view is None:
    append(WITH_CARE(item, now))
    continue
   record = view(item)
  try:
   {body}
  except Exception: pass
  append(WITH_CARE(item, now))
 return found
"""
    bound = "".join(f", {name}={name}" for name in dict.fromkeys(re.findall(r"\w+", text)) if name in names)
    return compile(f"def generated(items, now{bound}):{text}", "<rules>", "exec")


def bare(lines: Iterable[str], parameters: str) -> CodeType:
    """Return the code of `generated(PARAMETERS)`; when a statement fails, so does the function."""
    body = "\n ".join(lines)
    return compile(f"def generated({parameters}):\n {body}\n", "<rules>", "exec")
