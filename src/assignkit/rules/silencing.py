"""Warnings that an author has seen and accepts: `# ok: AK305 it is switched on in May`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assignkit.language.syntax import RuleFile

_ACCEPTED = re.compile(r"#\s*ok\s*[:：]\s*(AK\d{3}(?:[\s,，、]+AK\d{3})*)", re.IGNORECASE)


def silenced_by(file: RuleFile) -> Iterator[tuple[str, int, str]]:
    """Return the file, line and code of each warning or note that a comment on its line accepts."""
    for comment in file.comments:
        accepted = _ACCEPTED.match(comment.text)
        if accepted:
            place = file.source.locate(comment.span)
            for code in re.findall(r"AK\d{3}", accepted[1].upper()):
                yield place.file, place.line, code
