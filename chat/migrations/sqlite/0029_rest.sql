-- Memberships at rest. The list of a person with very many conversations looks at the others one by one, and at these by an index.

-- The time of the conversation's latest activity while the membership is at rest; none: it is not. The next message ends it.
ALTER TABLE member ADD COLUMN rested_at INTEGER;
-- Whether there may be unread messages; 0 only while the membership is at rest.
ALTER TABLE member ADD COLUMN may_be_unread INTEGER NOT NULL DEFAULT 1 CHECK (may_be_unread IN (0, 1));

-- Whether a membership of the conversation may be at rest: only then a new message looks for those that are.
ALTER TABLE conversation ADD COLUMN has_resting INTEGER NOT NULL DEFAULT 0 CHECK (has_resting IN (0, 1));

-- A person's list is read from the index alone, as before, and the memberships at rest in its order.
DROP INDEX member_by_user;
CREATE INDEX member_by_user ON member (user_id, has_left, listed, archived, pinned, rested_at, conversation_id);
CREATE INDEX member_unread ON member (user_id) WHERE may_be_unread = 1;
