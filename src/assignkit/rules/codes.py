"""The codes of everything that can be said about the meaning of rule files, each with a one-line title."""

from __future__ import annotations

# names and types are AK2xx
UNKNOWN_NAME = "AK201"
UNKNOWN_ROOT = "AK202"
UNKNOWN_FIELD = "AK203"
UNUSABLE_FIELD = "AK204"
LET_CYCLE = "AK205"
DUPLICATE_NAME = "AK206"
UNKNOWN_KIND = "AK207"
UNKNOWN_CALENDAR = "AK208"
UNKNOWN_ORDER = "AK209"
DUPLICATE_CLAUSE = "AK210"
NO_ACTION = "AK211"
SEVERAL_ROTATIONS = "AK212"
NOT_A_CONDITION = "AK213"
TYPE_MISMATCH = "AK214"
WRONG_TYPE = "AK215"
WRONG_PLACE = "AK216"
WRONG_ARGUMENTS = "AK217"
BAD_SHARES = "AK218"
BAD_COUNT = "AK219"
TOO_LARGE = "AK220"
BAD_ZONE = "AK221"
BAD_PERIOD = "AK222"
TABLE_FILE = "AK223"
BAD_IMPORT = "AK224"
UNREADABLE = "AK225"
TOO_MANY_RULES = "AK226"
TABLE_COLUMNS = "AK227"
UNKNOWN_EXPECTATION = "AK228"
BAD_EXAMPLE = "AK229"
BAD_HOLIDAYS = "AK230"

# what was probably not meant is AK3xx
UNUSED_LET = "AK301"
REPEATED_VALUE = "AK302"
FOREIGN_VALUE = "AK303"
SAME_CONDITION = "AK304"
UNREACHABLE = "AK305"
NO_RULES = "AK306"
SIMILAR_TEAM = "AK307"
NEVER_MATCHES = "AK308"
UNUSED_DEFINITION = "AK309"
ROWS_OVERLAP = "AK310"
TABLE_GAP = "AK311"
NO_CATCH_ALL = "AK312"
UNDECIDED = "AK313"
NOBODY_QUALIFIES = "AK314"
EMPTY_TEAM = "AK315"
UNREAD_PREFER = "AK316"
NEVER_OPEN = "AK317"
SIMILAR_POOL = "AK318"

# what is not in force yet is AK4xx
LATER = "AK401"

RULE_CODES: dict[str, str] = {
    UNKNOWN_NAME: "a name is used that no `let` defines",
    UNKNOWN_ROOT: "a field of something that does not exist here",
    UNKNOWN_FIELD: "a field that the schema does not have",
    UNUSABLE_FIELD: "a field whose type rules cannot use",
    LET_CYCLE: "`let`s that use each other in a circle",
    DUPLICATE_NAME: "a name that is defined twice",
    UNKNOWN_KIND: "a kind of item that the schema does not have",
    UNKNOWN_CALENDAR: "a calendar that no file defines",
    UNKNOWN_ORDER: "an order that nobody registered",
    DUPLICATE_CLAUSE: "a clause that may stand once stands twice",
    NO_ACTION: "a rule that does nothing",
    SEVERAL_ROTATIONS: "more than one order that takes turns in one chain",
    NOT_A_CONDITION: "something that is neither true nor false stands as a condition",
    TYPE_MISMATCH: "values of different types are compared",
    WRONG_TYPE: "a value has a type that does not fit here",
    WRONG_PLACE: "a field stands where its record is not known",
    WRONG_ARGUMENTS: "a function has the wrong number of arguments",
    BAD_SHARES: "the shares of a split do not make a whole",
    BAD_COUNT: "a count is not a whole number, or too small",
    TOO_LARGE: "an expression is too large once its `let`s are expanded",
    BAD_ZONE: "a time zone that does not exist",
    BAD_PERIOD: "a period that ends before it begins",
    TABLE_FILE: "a table that cannot be read from its file",
    BAD_IMPORT: "an import that cannot be followed",
    UNREADABLE: "a file that cannot be read",
    TOO_MANY_RULES: "more rules than the limit",
    TABLE_COLUMNS: "the columns of a table do not fit together",
    UNKNOWN_EXPECTATION: "an example expects something that it, or the file, does not have",
    BAD_EXAMPLE: "an example that cannot be run",
    BAD_HOLIDAYS: "holidays that are not known",
    UNUSED_LET: "a `let` that is never used",
    REPEATED_VALUE: "a list that has the same value twice",
    FOREIGN_VALUE: "a value that the field never has",
    SAME_CONDITION: "two rules with the same condition",
    UNREACHABLE: "a rule that is never reached",
    NO_RULES: "a file without rules",
    SIMILAR_TEAM: "a team whose name is almost that of a team in the file",
    NEVER_MATCHES: "a rule that can never match",
    UNUSED_DEFINITION: "a team, pool or calendar that is never used",
    ROWS_OVERLAP: "two rows of a table match the same items",
    TABLE_GAP: "a combination that no row of a table takes",
    NO_CATCH_ALL: "items that no rule takes",
    UNDECIDED: "it is not decided whether a rule is reached",
    NOBODY_QUALIFIES: "a team that no agent is in",
    EMPTY_TEAM: "a rule without `otherwise` whose team can be empty",
    UNREAD_PREFER: "a `prefer` that no order of its rule looks at",
    NEVER_OPEN: "a calendar without working time",
    SIMILAR_POOL: "a pool whose name is almost that of a pool in the file",
    LATER: "a clause that is read but has no effect yet",
}
