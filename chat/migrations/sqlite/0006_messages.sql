-- What a message costs to write is above all how many pages of the file it changes.

-- As `message` was, but: by the sender's id it is found through an index that begins with that id. Ids begin with the time, so
-- that what is sent at about the same time, by whomever, changes one page rather than one for each sender. And without
-- references to account and conversation, which would be looked up for each message: it is written through the sender's
-- membership, which has them. Indexes are made when the rows are there, which sorts them once.
CREATE TABLE message_anew (
    conversation_id INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    id              INTEGER NOT NULL,
    rev             INTEGER NOT NULL,
    sender_id       INTEGER NOT NULL,
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
    CHECK (rev >= seq)
) STRICT, WITHOUT ROWID;

INSERT INTO message_anew
    (conversation_id, seq, id, rev, sender_id, client_id, hash, content, message_type, created_at, edited_at, deleted_at, reply_to)
SELECT conversation_id, seq, id, rev, sender_id, client_id, hash, content, message_type, created_at, edited_at, deleted_at, reply_to
FROM message ORDER BY conversation_id, seq;

DROP TABLE message;
ALTER TABLE message_anew RENAME TO message;

CREATE UNIQUE INDEX message_id ON message (id);
CREATE UNIQUE INDEX message_sent ON message (client_id, sender_id);
CREATE INDEX message_changed ON message (conversation_id, rev) WHERE rev > seq;
CREATE INDEX message_unread ON message (conversation_id, sender_id, seq, message_type, deleted_at, id)
    WHERE message_type = 0 AND deleted_at IS NULL;
