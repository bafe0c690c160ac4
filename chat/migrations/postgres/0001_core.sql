-- Times are microseconds since 1970. Ids are never an order, and never used twice. Flags are 0 or 1: the statements that
-- read and write these tables are the same text as for SQLite.

CREATE TABLE account (
    id              BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    username        TEXT   NOT NULL,
    -- Folded by the server, and compared by its bytes: the same for every locale.
    username_folded TEXT   COLLATE "C" NOT NULL UNIQUE,
    first_name      TEXT   NOT NULL,
    last_name       TEXT   NOT NULL,
    -- The colour of the picture; none: by the id.
    hue             BIGINT CHECK (hue BETWEEN 0 AND 7),
    -- Username and names in lower case, each word behind a space: what a search for people looks through.
    search          TEXT   COLLATE "C" NOT NULL,
    password_hash   TEXT   NOT NULL,
    ver             BIGINT NOT NULL DEFAULT 1,
    is_admin        BIGINT NOT NULL DEFAULT 0,
    suspended       BIGINT NOT NULL DEFAULT 0,
    -- Each is "auto", or a value that was checked when it was set.
    theme           TEXT   NOT NULL DEFAULT 'auto',
    language        TEXT   NOT NULL DEFAULT 'auto',
    time_zone       TEXT   NOT NULL DEFAULT 'auto',
    -- The person's own counter: what concerns this person alone takes its next value.
    user_rev        BIGINT NOT NULL DEFAULT 0,
    created_at      BIGINT NOT NULL,
    last_seen_at    BIGINT
);

CREATE TABLE conversation (
    id         BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    kind       BIGINT NOT NULL CHECK (kind IN (0, 1)),
    title      TEXT,
    -- The one counter: each change that all members see takes its next value, under the lock of this row.
    rev        BIGINT NOT NULL DEFAULT 0,
    -- "low:high" of the two people's ids: a direct conversation is there once.
    direct_key TEXT   COLLATE "C" UNIQUE,
    created_at BIGINT NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE member (
    conversation_id BIGINT NOT NULL REFERENCES conversation (id),
    user_id         BIGINT NOT NULL REFERENCES account (id),
    role            BIGINT NOT NULL DEFAULT 0 CHECK (role IN (0, 1, 2)),
    rev             BIGINT NOT NULL DEFAULT 0,
    joined_seq      BIGINT NOT NULL DEFAULT 0,
    read_seq        BIGINT NOT NULL DEFAULT 0,
    delivered_seq   BIGINT NOT NULL DEFAULT 0,
    has_left        BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 50);

-- A person's conversations; the members who are there. Neither holds what a receipt changes.
CREATE INDEX member_by_user ON member (user_id, has_left);
CREATE INDEX member_present ON member (conversation_id, has_left, user_id);

CREATE SEQUENCE message_id AS BIGINT;

-- Without references to account and conversation, which would be locked and looked up for each message: it is written
-- through the sender's membership, which has them, and under the lock of the conversation.
CREATE TABLE message (
    conversation_id BIGINT NOT NULL,
    seq             BIGINT NOT NULL,
    id              BIGINT NOT NULL UNIQUE DEFAULT nextval('message_id'),
    rev             BIGINT NOT NULL,
    sender_id       BIGINT NOT NULL,
    client_id       BYTEA  NOT NULL CHECK (length(client_id) = 16),
    hash            BYTEA  NOT NULL CHECK (length(hash) = 16),
    content         TEXT   NOT NULL,
    -- 0: text, 1: system.
    message_type    BIGINT NOT NULL DEFAULT 0,
    created_at      BIGINT NOT NULL,
    edited_at       BIGINT,
    deleted_at      BIGINT,
    reply_to        BIGINT,
    PRIMARY KEY (conversation_id, seq),
    UNIQUE (sender_id, client_id),
    CHECK (rev >= seq)
);

-- Most messages never change and are found by `seq`; this holds only those that did.
CREATE INDEX message_changed ON message (conversation_id, rev) WHERE rev > seq;
-- Unread messages are counted sender by sender, so that a long stretch of one's own costs nothing.
CREATE INDEX message_unread ON message (conversation_id, sender_id, seq, id)
    WHERE message_type = 0 AND deleted_at IS NULL;

CREATE TABLE hidden (
    user_id         BIGINT NOT NULL REFERENCES account (id),
    message_id      BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    -- 0: shown again. The row stays, so that the other devices hear of it.
    hidden          BIGINT NOT NULL,
    user_rev        BIGINT NOT NULL,
    PRIMARY KEY (user_id, message_id)
);

CREATE INDEX hidden_since ON hidden (user_id, user_rev);
CREATE INDEX hidden_in ON hidden (conversation_id);

CREATE TABLE session (
    id         TEXT   COLLATE "C" PRIMARY KEY,
    user_id    BIGINT REFERENCES account (id),
    data       TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    -- What people are told of their sign-ins: on what, since when, used when (which is known to the day).
    device     TEXT   NOT NULL DEFAULT '',
    began_at   BIGINT NOT NULL DEFAULT 0,
    used_at    BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX session_by_user ON session (user_id);
CREATE INDEX session_by_end ON session (expires_at);

-- Ends of sign-ins. Servers ask for those past the last one that they know, so the numbers have to appear in their order:
-- a sequence's do not, a locked row's do.
CREATE TABLE revocation (
    id         BIGINT PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES account (id),
    session    TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE last_revocation (id BIGINT NOT NULL);
INSERT INTO last_revocation VALUES (0);

-- When a member's position moved, in conversations where receipts are told one by one: who had a message when. Rows older
-- than what is answered for are swept out.
CREATE TABLE receipt (
    conversation_id BIGINT NOT NULL,
    user_id         BIGINT NOT NULL,
    -- 0: delivered, 1: read.
    is_read         BIGINT NOT NULL,
    -- It moved to here,
    seq             BIGINT NOT NULL,
    -- from there: so it is about the messages between the two, and about no older ones whose row is gone.
    after_seq       BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, user_id, is_read, seq)
);

CREATE INDEX receipt_by_age ON receipt (at);

-- What all nodes of an installation share: made by the first of them.
CREATE TABLE shared (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);
