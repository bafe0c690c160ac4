-- Who closed a conversation about a subject: 0 the product, 1 a moderator, 2 a participant. Participants reopen what a participant
-- closed. What was closed before is the product's.
ALTER TABLE conversation ADD COLUMN closed_by INTEGER CHECK (closed_by IN (0, 1, 2));
UPDATE conversation SET closed_by = 0 WHERE closed_reason IS NOT NULL;
