"""One module a table: pure functions that return queries, in the names and order of sql/<table>.sql."""
