"""The desk: match, filter, order, choose, commit; one pipeline for every path that changes a holder."""
