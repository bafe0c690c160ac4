-- The number of changes that commands made beside a running server: its nodes compare their conversations with the database when it
-- has grown.
CREATE TABLE command_changes (count BIGINT NOT NULL);
INSERT INTO command_changes (count) VALUES (0);
