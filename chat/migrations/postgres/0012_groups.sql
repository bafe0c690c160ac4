-- The change of the group that a system message is about, as JSON; none: a text, or only `content` tells it.
ALTER TABLE message ADD COLUMN event TEXT;

-- The picture of a group; none: by the id, and by the name.
ALTER TABLE conversation ADD COLUMN hue BIGINT CHECK (hue BETWEEN 0 AND 7);
ALTER TABLE conversation ADD COLUMN emoji TEXT;
-- What those who join see: 0 all messages, 1 those from their joining on.
ALTER TABLE conversation ADD COLUMN history BIGINT NOT NULL DEFAULT 0 CHECK (history IN (0, 1));

-- The member sees the messages past this `seq`.
ALTER TABLE member ADD COLUMN from_seq BIGINT NOT NULL DEFAULT 0;

-- A group has an owner: the moderator, else the member, who is there longest takes the place of one who left.
UPDATE member SET role = 2 WHERE (conversation_id, user_id) IN (
    SELECT conversation_id, user_id FROM (
        SELECT w.conversation_id, w.user_id,
            row_number() OVER (PARTITION BY w.conversation_id ORDER BY w.role DESC, w.joined_seq, w.user_id) AS place,
            max(w.role) OVER (PARTITION BY w.conversation_id) AS highest
        FROM member w JOIN conversation c ON c.id = w.conversation_id
        WHERE c.kind = 1 AND w.has_left = 0) x
    WHERE place = 1 AND highest < 2);

-- Requests to change groups, by the id that the person's client gave them: a repeat changes nothing.
CREATE TABLE group_request (
    user_id    BIGINT NOT NULL REFERENCES account (id),
    client_id  BYTEA  NOT NULL CHECK (length(client_id) = 16),
    -- Of the group and the change.
    hash       BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id)
);

CREATE INDEX group_request_by_age ON group_request (created_at);
