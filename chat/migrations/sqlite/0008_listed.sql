-- Whether the member's list shows the conversation. A direct conversation is listed for its founder at once, and for the
-- other one with its first message, or when they open it themselves.
ALTER TABLE member ADD COLUMN listed INTEGER NOT NULL DEFAULT 1 CHECK (listed IN (0, 1));

-- A person's list is read from the index alone, as before.
DROP INDEX member_by_user;
CREATE INDEX member_by_user ON member (user_id, has_left, listed);
