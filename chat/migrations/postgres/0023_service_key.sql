-- Keys by which products use the API as themselves, without a person.
CREATE TABLE service_key (
    id           BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name         TEXT   COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    -- SHA-256 of the key, which is stored nowhere.
    key_hash     BYTEA  NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    -- Words, separated by spaces.
    scopes       TEXT   COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    -- To within an hour.
    last_used_at BIGINT,
    revoked_at   BIGINT
);

-- The name of a revoked key can be used again.
CREATE UNIQUE INDEX service_key_by_name ON service_key (name) WHERE revoked_at IS NULL;
