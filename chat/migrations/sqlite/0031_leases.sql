-- One node at a time sends to a browser, or nobody does, because its push service asked to wait.
ALTER TABLE push_subscription ADD COLUMN leased_until INTEGER NOT NULL DEFAULT 0;

-- The first pending event of a lane is its head: only the head is found as due, and only the head waits for a further attempt.
-- Events of a program that does not know heads are heads, too, which costs a look and changes no order.
ALTER TABLE webhook_event ADD COLUMN head INTEGER NOT NULL DEFAULT 1;
UPDATE webhook_event SET head = 0 WHERE state = 0
    AND id NOT IN (SELECT min(e.id) FROM webhook_event e WHERE e.state = 0 GROUP BY e.webhook_id, e.conversation_id, e.lane);
DROP INDEX webhook_event_due;
CREATE INDEX webhook_event_due ON webhook_event (webhook_id, due_at) WHERE state = 0 AND head = 1;
