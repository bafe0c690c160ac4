-- Requests to create a conversation, by the id that the creator's client gave them: a repeat gives the same conversation.
CREATE TABLE creation (
    creator_id      BIGINT NOT NULL REFERENCES account (id),
    client_id       BYTEA  NOT NULL CHECK (length(client_id) = 16),
    -- Of participants and title.
    hash            BYTEA  NOT NULL,
    conversation_id BIGINT NOT NULL REFERENCES conversation (id),
    PRIMARY KEY (creator_id, client_id)
);

CREATE INDEX creation_of ON creation (conversation_id);
