-- Incremented when an operator lifts the rate limits of sign-ins as this account: the limits then count anew on all nodes.
ALTER TABLE account ADD COLUMN unlocks BIGINT NOT NULL DEFAULT 0;
