-- Accounts that single sign-on made: no password, and never the administrator.
ALTER TABLE account ADD COLUMN external BIGINT NOT NULL DEFAULT 0 CHECK (external IN (0, 1));

CREATE INDEX account_local ON account (kind) WHERE external = 0;

-- The account of a product's person: `subject` is the product's own id, unique for its `issuer`.
CREATE TABLE external_identity (
    issuer  TEXT   COLLATE "C" NOT NULL CHECK (length(issuer) BETWEEN 1 AND 255),
    subject TEXT   COLLATE "C" NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    user_id BIGINT NOT NULL UNIQUE REFERENCES account (id) ON DELETE CASCADE,
    -- As the last token gave them; NULL if it did not.
    picture TEXT CHECK (length(picture) <= 2048),
    role    TEXT CHECK (length(role) <= 64),
    PRIMARY KEY (issuer, subject)
);

-- Hand-over tokens that were used, until they would be refused as expired. The hash is a SHA-256.
CREATE TABLE used_token (
    hash       BYTEA  NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    expires_at BIGINT NOT NULL
);

CREATE INDEX used_token_by_expiry ON used_token (expires_at);
