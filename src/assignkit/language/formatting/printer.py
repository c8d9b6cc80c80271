"""Writes a whole file: statements as lines, comments at their places, empty lines between statements."""

from __future__ import annotations

import re

from assignkit.diagnostics import Source
from assignkit.language.formatting import layout
from assignkit.language.formatting.clauses import CLAUSES, ClauseWriting
from assignkit.language.formatting.literals import Literals
from assignkit.language.formatting.pieces import Break, Item, Piece
from assignkit.language.formatting.spelling import Spelling
from assignkit.language.formatting.statements import INDENT, StatementWriting, is_one_liner
from assignkit.language.syntax import Comment, Expression, Node, RuleFile, Statement
from assignkit.messages.text import LanguageCode

_EMPTY_LINE = re.compile(r"\n[ \t\r\u3000]*\n")


def write_file(file: RuleFile, language: LanguageCode) -> str:
    """Return the text of a file in the canonical form. Takes time linear in its size."""
    return _Printer(file, language).text()


def write_expression(node: Expression, source: Source) -> str:
    """Return an expression of a file on one line, in the canonical form and in English."""
    say = Spelling("en")
    return layout.flat(_pieces(ClauseWriting(Literals(source, say), say), [node]))


class _Printer:
    def __init__(self, file: RuleFile, language: LanguageCode) -> None:
        say = Spelling(language)
        self._file = file
        self._source = file.source.text
        self._clauses = ClauseWriting(Literals(file.source, say), say)
        self._statements = StatementWriting(file.source, self._clauses)
        self._comments = list(reversed(file.comments))
        self._written: list[str] = []
        self._end = 0  # in the source, of what was written last
        self._full = True  # whether the last line can take no comment behind it
        self._at_margin = False  # whether the last line is a comment that stands above what comes next

    def text(self) -> str:
        """Write everything and return it."""
        before: Statement | None = None
        for statement in self._file.statements:
            together = before is not None and type(before) is type(statement) and is_one_liner(statement)
            self._comments_between(statement.span.start, before, together=together)
            if self._is_apart(statement.span.start) or not (together or self._at_margin):
                self._empty_line()
            self._write(statement)
            before = statement
        self._comments_between(len(self._source) + 1, before, together=True)
        return "".join(f"{line}\n" for line in self._written)

    # --- between statements

    def _comments_between(self, position: int, before: Statement | None, *, together: bool) -> None:
        """Write the comments before `position`: behind the last line, below its statement, or above what comes."""
        while (comment := self._next_comment(position)) is not None:
            start = comment.span.start
            apart, own = self._is_apart(start), self._is_own(comment)
            indented = own and self._source[start - 1 : start].isspace() and self._source[start - 1] != "\n"
            if not own and not self._full:
                self._written[-1] += f"  {comment.text.rstrip()}"
            elif before is not None and not self._at_margin and not apart and (indented or not own):
                self._written.append(f"{' ' * INDENT}{comment.text.rstrip()}")
            else:
                if apart or not (together or self._at_margin):
                    self._empty_line()
                self._written.append(comment.text.rstrip())
                self._at_margin = True
            self._end, self._full = comment.span.end, True

    def _is_own(self, comment: Comment) -> bool:
        line_start = self._source.rfind("\n", 0, comment.span.start) + 1
        return not self._source[line_start : comment.span.start].strip("\ufeff \t\r\u3000\xa0")

    def _is_apart(self, start: int) -> bool:
        return _EMPTY_LINE.search(self._source, self._end, start) is not None

    def _empty_line(self) -> None:
        if self._written:
            self._written.append("")

    def _next_comment(self, position: int) -> Comment | None:
        if self._comments and self._comments[-1].span.start < position:
            return self._comments.pop()
        return None

    # --- within a statement

    def _write(self, statement: Statement) -> None:
        lines = self._statements.lines(statement)
        rows = [[layout.flat(_pieces(self._clauses, cell)) for cell in line.cells] for line in lines]
        widths = _widths([row for row in rows if row])
        for number, (line, row) in enumerate(zip(lines, rows, strict=True)):
            if number:
                self._comments_above(line.at)
            if row:
                padded = (text + " " * (width - layout.columns(text)) for text, width in zip(row, widths, strict=False))
                self._written.append(f"{' ' * line.indent}| {' | '.join(padded)} |")
            else:
                self._written += layout.lines(self._with_comments(_pieces(self._clauses, line.items)), line.indent)
            self._full = False
        self._at_margin = False
        self._end = statement.span.end

    def _comments_above(self, position: int) -> None:
        while (comment := self._next_comment(position)) is not None:
            if self._full or self._is_own(comment):
                self._written.append(f"{' ' * INDENT}{comment.text.rstrip()}")
            else:
                self._written[-1] += f"  {comment.text.rstrip()}"
            self._full = True

    def _with_comments(self, pieces: list[Piece]) -> list[Piece]:
        """Put the comments that stand between the pieces where a line can end."""
        if not self._comments or self._comments[-1].span.start > max(piece.at for piece in pieces):
            return pieces
        written: list[Piece] = []
        for piece in pieces:
            while piece.at >= 0 and (comment := self._next_comment(piece.at)) is not None:
                place = _end_of_line(written)
                own = self._is_own(comment) or written[place - 1].comment
                written.insert(place, Piece(comment.text.rstrip(), comment=True, own=own))
            written.append(piece)
        return written


def _pieces(clauses: ClauseWriting, items: list[Item]) -> list[Piece]:
    """Write out nodes until only pieces are left."""
    written: list[Piece] = []
    waiting = list(reversed(items))
    before: Break | None = None
    while waiting:
        item = waiting.pop()
        if isinstance(item, Node):
            waiting.extend(reversed(CLAUSES[type(item)](clauses, item)))
        elif isinstance(item, Break):
            before = item
        else:
            piece = item if isinstance(item, Piece) else Piece(item)
            written.append(piece if before is None else piece._replace(before=before))
            before = None
    return written


def _end_of_line(pieces: list[Piece]) -> int:
    """Return where a comment stands best among the pieces behind the last one that was placed."""
    start = next((i + 1 for i in reversed(range(len(pieces))) if pieces[i].at >= 0 or pieces[i].comment), 1)
    behind = (i + 1 for i in reversed(range(start, len(pieces))) if pieces[i].text == "," or _is_bracket(pieces[i]))
    return next(behind, start)


def _is_bracket(piece: Piece) -> bool:
    return piece.opens or piece.closes


def _widths(rows: list[list[str]]) -> list[int]:
    return [max(map(layout.columns, column)) for column in zip(*rows, strict=False)]
