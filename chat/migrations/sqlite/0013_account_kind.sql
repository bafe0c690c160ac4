-- Whose account it is: 0 a person's, 1 temporary (of `rapport check`), 2 of a fixture. The first person is the administrator,
-- whatever other accounts there are.
ALTER TABLE account ADD COLUMN kind INTEGER NOT NULL DEFAULT 0 CHECK (kind IN (0, 1, 2));

CREATE INDEX account_by_kind ON account (kind);
