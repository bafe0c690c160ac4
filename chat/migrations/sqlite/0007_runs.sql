-- A run is what one sender says with nobody else's message between. Each message says where its run began, so that whoever
-- goes back through the messages steps over a long run at once: what is unread is counted that way, and needs no index of
-- its own, which was a page of the file to change for each message.

-- As `message` was, but: with the run; and the content behind all else, so that what looks at no content does not go
-- through the further pages of a long one.
CREATE TABLE message_anew (
    conversation_id INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    id              INTEGER NOT NULL,
    rev             INTEGER NOT NULL,
    -- The `seq` of the first message of its run; none: it is that itself.
    run_seq         INTEGER,
    sender_id       INTEGER NOT NULL,
    client_id       BLOB    NOT NULL CHECK (length(client_id) = 16),
    hash            BLOB    NOT NULL CHECK (length(hash) = 16),
    -- 0: text, 1: system.
    message_type    INTEGER NOT NULL DEFAULT 0,
    created_at      INTEGER NOT NULL,
    edited_at       INTEGER,
    deleted_at      INTEGER,
    reply_to        INTEGER,
    content         TEXT    NOT NULL,
    PRIMARY KEY (conversation_id, seq),
    CHECK (rev >= seq),
    CHECK (run_seq <= seq)
) STRICT, WITHOUT ROWID;

INSERT INTO message_anew
    (conversation_id, seq, id, rev, run_seq, sender_id, client_id, hash, message_type, created_at, edited_at, deleted_at, reply_to, content)
SELECT conversation_id, seq, id, rev,
    max(first) OVER (PARTITION BY conversation_id ORDER BY seq),
    sender_id, client_id, hash, message_type, created_at, edited_at, deleted_at, reply_to, content
FROM (SELECT *, CASE WHEN sender_id IS NOT lag(sender_id) OVER (PARTITION BY conversation_id ORDER BY seq) THEN seq END AS first
    FROM message)
ORDER BY conversation_id, seq;

DROP TABLE message;
ALTER TABLE message_anew RENAME TO message;

CREATE UNIQUE INDEX message_id ON message (id);
CREATE UNIQUE INDEX message_sent ON message (client_id, sender_id);
CREATE INDEX message_changed ON message (conversation_id, rev) WHERE rev > seq;
