-- Whom a person lets add them to groups: 0 everyone, 1 contacts, 2 nobody. Everybody else can only invite them.
ALTER TABLE account ADD COLUMN addable_by INTEGER NOT NULL DEFAULT 1 CHECK (addable_by IN (0, 1, 2));

-- Invitations of people to groups that wait for an answer, and those that were declined.
CREATE TABLE invitation (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversation (id),
    user_id         INTEGER NOT NULL REFERENCES account (id),
    invited_by      INTEGER NOT NULL REFERENCES account (id),
    created_at      INTEGER NOT NULL,
    -- None: it waits. A declined one stays, so that it is not repeated at once.
    declined_at     INTEGER,
    UNIQUE (conversation_id, user_id)
) STRICT;

CREATE INDEX invitation_of ON invitation (user_id, declined_at, created_at);
CREATE INDEX invitation_by ON invitation (invited_by);
CREATE INDEX invitation_by_age ON invitation (created_at) WHERE declined_at IS NULL;

-- Links by which people join a group.
CREATE TABLE invitation_link (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversation (id),
    -- SHA-256 of the token, which is stored nowhere.
    token_hash      BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    -- The first characters of the token, which tell links apart.
    token_start     TEXT    NOT NULL,
    created_by      INTEGER NOT NULL REFERENCES account (id),
    created_at      INTEGER NOT NULL,
    -- The counter of the conversation at that time. A member who was removed later cannot come back by the link.
    created_rev     INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    -- None: any number.
    uses_left       INTEGER CHECK (uses_left >= 0)
) STRICT;

CREATE INDEX invitation_link_of ON invitation_link (conversation_id, expires_at);
CREATE INDEX invitation_link_by ON invitation_link (created_by);
CREATE INDEX invitation_link_by_end ON invitation_link (expires_at);
