-- The keys of conversations in imported files. A second import of the file finds its conversations by them, and an export
-- writes them again.
CREATE TABLE imported_conversation (
    key             TEXT COLLATE "C" PRIMARY KEY,
    conversation_id BIGINT NOT NULL REFERENCES conversation (id)
);

CREATE INDEX imported_conversation_of ON imported_conversation (conversation_id, key);
