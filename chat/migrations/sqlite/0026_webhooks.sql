-- Endpoints of other programs, which are told of events.
CREATE TABLE webhook (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    url          TEXT    NOT NULL CHECK (length(url) <= 2048),
    -- The kinds of events, a bit each.
    events       INTEGER NOT NULL,
    -- The kind of the subjects whose conversations it is told of; NULL: of all conversations.
    subject_kind TEXT,
    -- The signing secret is derived from this salt and the secret of the server.
    salt         BLOB    NOT NULL CHECK (length(salt) = 16),
    created_at   INTEGER NOT NULL
) STRICT;

-- The outbox: an event for one endpoint, written in the transaction of the change. It names messages and people; their
-- contents are read when it is delivered.
CREATE TABLE webhook_event (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id      INTEGER NOT NULL,
    -- The id that the endpoint knows.
    key             BLOB    NOT NULL CHECK (length(key) = 16),
    -- The bit of the kind.
    kind            INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    -- Pending events of a lane of a conversation are delivered in the order of their ids: 1 for unread messages, 0 for all others.
    lane            INTEGER NOT NULL,
    -- The message that the event is about, or that tells of it.
    seq             INTEGER,
    -- The person who joined or left.
    user_id         INTEGER,
    created_at      INTEGER NOT NULL,
    -- 0 pending, 1 delivered, 2 given up.
    state           INTEGER NOT NULL DEFAULT 0,
    attempts        INTEGER NOT NULL DEFAULT 0,
    -- The time of the next attempt.
    due_at          INTEGER NOT NULL,
    -- Until then, one node delivers it.
    leased_until    INTEGER NOT NULL DEFAULT 0,
    -- The time after which no attempt is made.
    expires_at      INTEGER NOT NULL,
    tried_at        INTEGER,
    -- The HTTP status of the last answer; NULL if there was none.
    status          INTEGER
) STRICT;

CREATE INDEX webhook_event_by_webhook ON webhook_event (webhook_id, id);
CREATE INDEX webhook_event_due ON webhook_event (webhook_id, due_at) WHERE state = 0;
CREATE INDEX webhook_event_pending ON webhook_event (webhook_id, conversation_id, lane, id) WHERE state = 0;
CREATE INDEX webhook_event_ended ON webhook_event (tried_at) WHERE state > 0;

-- URLs by which programs post to a group, each as a bot of its own.
CREATE TABLE incoming_webhook (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversation (id),
    bot_id          INTEGER NOT NULL REFERENCES account (id),
    -- SHA-256 of the token, which is stored nowhere.
    token_hash      BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_by      INTEGER NOT NULL REFERENCES account (id),
    created_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX incoming_webhook_by_conversation ON incoming_webhook (conversation_id);
