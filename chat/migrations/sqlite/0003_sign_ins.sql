-- What people are told of their sign-ins: on what, since when, used when (which is known to the day).

ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN began_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;

-- Of those that are there it is known only when they were last kept: thirty days before their end.
UPDATE session SET began_at = max(0, expires_at - 2592000000000), used_at = max(0, expires_at - 2592000000000);
