"""One file per change of the tables, in order. A change that was released is never edited."""
