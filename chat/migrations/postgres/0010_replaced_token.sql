-- The id of the refresh token that the current one (`data`) replaced; empty from the first use of the new tokens on.
ALTER TABLE session ADD COLUMN replaced TEXT NOT NULL DEFAULT '';
