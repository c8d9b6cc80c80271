"""The desk: match, filter, order, choose, commit; one pipeline for every path, and nothing outside it changes a holder."""
