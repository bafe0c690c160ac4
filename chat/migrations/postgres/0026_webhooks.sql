-- Endpoints of other programs, which are told of events.
CREATE TABLE webhook (
    id           BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    url          TEXT    NOT NULL CHECK (length(url) <= 2048),
    -- The kinds of events, a bit each.
    events       BIGINT NOT NULL,
    -- The kind of the subjects whose conversations it is told of; NULL: of all conversations.
    subject_kind TEXT,
    -- The signing secret is derived from this salt and the secret of the server.
    salt         BYTEA   NOT NULL CHECK (length(salt) = 16),
    created_at   BIGINT NOT NULL
);

-- The outbox: an event for one endpoint, written in the transaction of the change. It names messages and people; their
-- contents are read when it is delivered.
CREATE TABLE webhook_event (
    id              BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    webhook_id      BIGINT NOT NULL,
    -- The id that the endpoint knows.
    key             BYTEA   NOT NULL CHECK (length(key) = 16),
    -- The bit of the kind.
    kind            BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    -- Pending events of a lane of a conversation are delivered in the order of their ids: 1 for unread messages, 0 for all others.
    lane            BIGINT NOT NULL,
    -- The message that the event is about, or that tells of it.
    seq             BIGINT,
    -- The person who joined or left.
    user_id         BIGINT,
    created_at      BIGINT NOT NULL,
    -- 0 pending, 1 delivered, 2 given up.
    state           BIGINT NOT NULL DEFAULT 0,
    attempts        BIGINT NOT NULL DEFAULT 0,
    -- The time of the next attempt.
    due_at          BIGINT NOT NULL,
    -- Until then, one node delivers it.
    leased_until    BIGINT NOT NULL DEFAULT 0,
    -- The time after which no attempt is made.
    expires_at      BIGINT NOT NULL,
    tried_at        BIGINT,
    -- The HTTP status of the last answer; NULL if there was none.
    status          BIGINT
);

CREATE INDEX webhook_event_by_webhook ON webhook_event (webhook_id, id);
CREATE INDEX webhook_event_due ON webhook_event (webhook_id, due_at) WHERE state = 0;
CREATE INDEX webhook_event_pending ON webhook_event (webhook_id, conversation_id, lane, id) WHERE state = 0;
CREATE INDEX webhook_event_ended ON webhook_event (tried_at) WHERE state > 0;

-- URLs by which programs post to a group, each as a bot of its own.
CREATE TABLE incoming_webhook (
    id              BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    conversation_id BIGINT NOT NULL REFERENCES conversation (id),
    bot_id          BIGINT NOT NULL REFERENCES account (id),
    -- SHA-256 of the token, which is stored nowhere.
    token_hash      BYTEA   NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_by      BIGINT NOT NULL REFERENCES account (id),
    created_at      BIGINT NOT NULL
);

CREATE INDEX incoming_webhook_by_conversation ON incoming_webhook (conversation_id);
