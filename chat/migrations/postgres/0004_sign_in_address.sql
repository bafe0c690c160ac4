-- The client's address at the sign-in; empty where it is not known.
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
