-- When a member's position moved, in conversations where receipts are told one by one: who had a message when. Rows older
-- than what is answered for are swept out.
CREATE TABLE receipt (
    conversation_id INTEGER NOT NULL,
    user_id         INTEGER NOT NULL,
    -- 0: delivered, 1: read.
    is_read         INTEGER NOT NULL,
    -- It moved to here,
    seq             INTEGER NOT NULL,
    -- from there: so it is about the messages between the two, and about no older ones whose row is gone.
    after_seq       INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id, is_read, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX receipt_by_age ON receipt (at);
