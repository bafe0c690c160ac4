-- The latest time of a message, else the creation: the key by which a list is read in pages. It never falls, also when
-- messages are erased.
ALTER TABLE conversation ADD COLUMN active_at BIGINT NOT NULL DEFAULT 0;

UPDATE conversation SET active_at = greatest(created_at, coalesce(
    (SELECT m.created_at FROM message m WHERE m.conversation_id = conversation.id ORDER BY m.seq DESC LIMIT 1), 0));
