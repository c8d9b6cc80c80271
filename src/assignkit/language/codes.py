"""The codes of everything that can be wrong with the form of a rule file, each with a one-line title."""

from __future__ import annotations

UNEXPECTED = "AK101"
UNTERMINATED_TEXT = "AK102"
BAD_ESCAPE = "AK103"
BAD_CHARACTER = "AK104"
NOT_UTF8 = "AK105"
BAD_NUMBER = "AK106"
BAD_MOMENT = "AK107"
BAD_DURATION = "AK108"
MIXED_SCRIPTS = "AK109"
RESERVED_NAME = "AK110"
FILE_TOO_LARGE = "AK111"
TOO_MANY_TOKENS = "AK112"
TOO_DEEP = "AK113"
CHAIN_TOO_LONG = "AK114"
TOO_MANY_ERRORS = "AK115"
TABLE_SHAPE = "AK116"
WRITTEN_TWICE = "AK117"
MISSPELT = "AK118"
FOREIGN_SPELLING = "AK119"
NOT_FORMATTED = "AK120"

SYNTAX_CODES: dict[str, str] = {
    UNEXPECTED: "something stands where it cannot stand",
    UNTERMINATED_TEXT: "a text has no closing quote on its line",
    BAD_ESCAPE: "a backslash in a text is followed by something unknown",
    BAD_CHARACTER: "a character is not allowed outside texts",
    NOT_UTF8: "the file is not UTF-8",
    BAD_NUMBER: "a number is written wrongly or has too many digits",
    BAD_MOMENT: "a date, an instant or a time of day does not exist",
    BAD_DURATION: "a duration is too long",
    MIXED_SCRIPTS: "a name mixes letters of scripts that look alike",
    RESERVED_NAME: "a name is a word that can begin a value",
    FILE_TOO_LARGE: "the file is larger than the limit",
    TOO_MANY_TOKENS: "the file has more words and signs than the limit",
    TOO_DEEP: "brackets or prefixes are nested deeper than the limit",
    CHAIN_TOO_LONG: "a chain or list has more members than the limit",
    TOO_MANY_ERRORS: "there are more errors than are shown",
    TABLE_SHAPE: "a row of a table does not fit its columns",
    WRITTEN_TWICE: "something that may stand once is written twice",
    MISSPELT: "a keyword is misspelt",
    FOREIGN_SPELLING: "a sign or word of another language is used",
    NOT_FORMATTED: "a file cannot be formatted without changing what it says",
}
