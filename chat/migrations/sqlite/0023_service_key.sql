-- Keys by which products use the API as themselves, without a person.
CREATE TABLE service_key (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    -- SHA-256 of the key, which is stored nowhere.
    key_hash     BLOB    NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    -- Words, separated by spaces.
    scopes       TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    -- To within an hour.
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT;

-- The name of a revoked key can be used again.
CREATE UNIQUE INDEX service_key_by_name ON service_key (name) WHERE revoked_at IS NULL;
