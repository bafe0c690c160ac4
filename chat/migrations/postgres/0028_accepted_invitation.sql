-- The answer was yes: the person joined, by the invitation or in another way. `declined_at` is then the time of that. The row stays,
-- so that a repeated answer is recognised.
ALTER TABLE invitation ADD COLUMN accepted BIGINT NOT NULL DEFAULT 0 CHECK (accepted IN (0, 1));
