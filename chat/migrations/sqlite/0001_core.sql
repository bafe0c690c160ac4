-- Times are microseconds since 1970. Ids are never an order, and never used twice.

CREATE TABLE account (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    username        TEXT    NOT NULL,
    username_folded TEXT    NOT NULL UNIQUE,
    first_name      TEXT    NOT NULL,
    last_name       TEXT    NOT NULL,
    -- Username and names in lower case, each word behind a space: what a search for people looks through.
    search          TEXT    NOT NULL,
    password_hash   TEXT    NOT NULL,
    ver             INTEGER NOT NULL DEFAULT 1,
    is_admin        INTEGER NOT NULL DEFAULT 0,
    suspended       INTEGER NOT NULL DEFAULT 0,
    -- The person's own counter: what concerns this person alone takes its next value.
    user_rev        INTEGER NOT NULL DEFAULT 0,
    created_at      INTEGER NOT NULL,
    last_seen_at    INTEGER
) STRICT;

CREATE INDEX account_search ON account (suspended, search);

CREATE TABLE conversation (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       INTEGER NOT NULL CHECK (kind IN (0, 1)),
    title      TEXT,
    -- The one counter: each change that all members see takes its next value.
    rev        INTEGER NOT NULL DEFAULT 0,
    -- "low:high" of the two people's ids: a direct conversation is there once.
    direct_key TEXT UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE member (
    conversation_id INTEGER NOT NULL REFERENCES conversation (id),
    user_id         INTEGER NOT NULL REFERENCES account (id),
    role            INTEGER NOT NULL DEFAULT 0 CHECK (role IN (0, 1, 2)),
    rev             INTEGER NOT NULL DEFAULT 0,
    joined_seq      INTEGER NOT NULL DEFAULT 0,
    read_seq        INTEGER NOT NULL DEFAULT 0,
    delivered_seq   INTEGER NOT NULL DEFAULT 0,
    has_left        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;

-- A person's conversations; the members who are there.
CREATE INDEX member_by_user ON member (user_id, has_left);
CREATE INDEX member_present ON member (conversation_id, has_left, user_id);

-- Kept in the order in which they are read: a page of a conversation is a few pages of the file.
CREATE TABLE message (
    conversation_id INTEGER NOT NULL REFERENCES conversation (id),
    seq             INTEGER NOT NULL,
    id              INTEGER NOT NULL UNIQUE,
    rev             INTEGER NOT NULL,
    sender_id       INTEGER NOT NULL REFERENCES account (id),
    client_id       BLOB    NOT NULL CHECK (length(client_id) = 16),
    hash            BLOB    NOT NULL CHECK (length(hash) = 16),
    content         TEXT    NOT NULL,
    -- 0: text, 1: system.
    message_type    INTEGER NOT NULL DEFAULT 0,
    created_at      INTEGER NOT NULL,
    edited_at       INTEGER,
    deleted_at      INTEGER,
    reply_to        INTEGER,
    PRIMARY KEY (conversation_id, seq),
    UNIQUE (sender_id, client_id),
    CHECK (rev >= seq)
) STRICT, WITHOUT ROWID;

-- One row: the highest id of a message that was erased, so that none is used twice.
CREATE TABLE erased (message_id INTEGER NOT NULL) STRICT;
INSERT INTO erased VALUES (0);

-- Most messages never change and are found by `seq`; this holds only those that did.
CREATE INDEX message_changed ON message (conversation_id, rev) WHERE rev > seq;
-- Unread messages are counted sender by sender, so that a long stretch of one's own costs nothing. With the last
-- columns the index alone answers.
CREATE INDEX message_unread ON message (conversation_id, sender_id, seq, message_type, deleted_at, id)
    WHERE message_type = 0 AND deleted_at IS NULL;

CREATE TABLE hidden (
    user_id         INTEGER NOT NULL REFERENCES account (id),
    message_id      INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    -- 0: shown again. The row stays, so that the other devices hear of it.
    hidden          INTEGER NOT NULL,
    user_rev        INTEGER NOT NULL,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX hidden_since ON hidden (user_id, user_rev);

CREATE TABLE session (
    id         TEXT PRIMARY KEY,
    user_id    INTEGER REFERENCES account (id),
    data       TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_user ON session (user_id);
CREATE INDEX session_by_end ON session (expires_at);

CREATE TABLE revocation (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES account (id),
    session    TEXT,
    created_at INTEGER NOT NULL
) STRICT;
