-- A run is what one sender says with nobody else's message between. Each message says where its run began, so that whoever
-- goes back through the messages steps over a long run at once: what is unread is counted that way, and needs no index of
-- its own.

-- The `seq` of the first message of its run; none: it is that itself.
ALTER TABLE message ADD COLUMN run_seq BIGINT CHECK (run_seq <= seq);

UPDATE message m SET run_seq = r.first
FROM (SELECT conversation_id, seq, max(begins) OVER (PARTITION BY conversation_id ORDER BY seq) AS first
    FROM (SELECT conversation_id, seq,
            CASE WHEN sender_id IS DISTINCT FROM lag(sender_id) OVER (PARTITION BY conversation_id ORDER BY seq) THEN seq END AS begins
        FROM message) b) r
WHERE m.conversation_id = r.conversation_id AND m.seq = r.seq;

DROP INDEX message_unread;
