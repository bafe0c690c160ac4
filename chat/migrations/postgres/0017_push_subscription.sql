-- Browsers that take pushes (RFC 8030). A subscription belongs to the sign-in that made it, and ends with it.
CREATE TABLE push_subscription (
    id         BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    session_id TEXT   COLLATE "C" NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    user_id    BIGINT NOT NULL REFERENCES account (id),
    -- The URL at the browser's push service. A browser has one, whoever is signed in.
    endpoint   TEXT   COLLATE "C" NOT NULL UNIQUE CHECK (length(endpoint) <= 2048),
    -- The browser's public key (an uncompressed point of P-256), and the secret shared with it (RFC 8291).
    p256dh     BYTEA  NOT NULL CHECK (length(p256dh) = 65),
    auth       BYTEA  NOT NULL CHECK (length(auth) = 16),
    -- The language of the page that subscribed, for people who chose none.
    language   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    -- Everything up to this time was pushed, or was not to be.
    pushed_at  BIGINT NOT NULL,
    -- Refusals by the push service since the last push that it accepted.
    refusals   BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX push_subscription_by_user ON push_subscription (user_id);
CREATE INDEX push_subscription_by_session ON push_subscription (session_id);
