-- Requests to create a conversation, by the id that the creator's client gave them: a repeat gives the same conversation.
CREATE TABLE creation (
    creator_id      INTEGER NOT NULL REFERENCES account (id),
    client_id       BLOB    NOT NULL CHECK (length(client_id) = 16),
    -- Of participants and title.
    hash            BLOB    NOT NULL,
    conversation_id INTEGER NOT NULL REFERENCES conversation (id),
    PRIMARY KEY (creator_id, client_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX creation_of ON creation (conversation_id);
