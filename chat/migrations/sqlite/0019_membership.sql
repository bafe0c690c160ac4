-- The state of a conversation for one member alone.

-- The end of the muting, in microseconds since 1970.
ALTER TABLE member ADD COLUMN muted_until INTEGER;
ALTER TABLE member ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1));
-- The place among the member's pinned conversations, from 1.
ALTER TABLE member ADD COLUMN pinned INTEGER;
ALTER TABLE member ADD COLUMN marked_unread INTEGER NOT NULL DEFAULT 0 CHECK (marked_unread IN (0, 1));

-- Whether a member may have archived the conversation: only then a new message looks for those who did. It is cleared by the
-- first message that finds none.
ALTER TABLE conversation ADD COLUMN has_archived INTEGER NOT NULL DEFAULT 0 CHECK (has_archived IN (0, 1));

-- A person's list is read from the index alone, as before.
DROP INDEX member_by_user;
CREATE INDEX member_by_user ON member (user_id, has_left, listed, archived, pinned);
CREATE INDEX member_pinned ON member (user_id, pinned) WHERE pinned IS NOT NULL;
CREATE INDEX member_marked ON member (user_id) WHERE marked_unread = 1;
CREATE INDEX member_archived ON member (conversation_id) WHERE archived = 1;

-- Texts that were typed and not sent; apart from the members, whose rows are read with every list and receipt.
CREATE TABLE draft (
    user_id         INTEGER NOT NULL REFERENCES account (id),
    conversation_id INTEGER NOT NULL REFERENCES conversation (id),
    content         TEXT    NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
) STRICT, WITHOUT ROWID;

-- For deleting a conversation.
CREATE INDEX draft_of ON draft (conversation_id);
