-- What all nodes of an installation share: made by the first of them.
CREATE TABLE shared (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
