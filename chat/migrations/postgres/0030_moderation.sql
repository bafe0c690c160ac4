-- The hour of the last activity, counted from 1970. The lists of moderators are read by it, an hour at a time: an index of the
-- time itself would have each message write all indexes of the table (no HOT update).
ALTER TABLE conversation ADD COLUMN active_hour BIGINT GENERATED ALWAYS AS (active_at / 3600000000) STORED;

CREATE INDEX conversation_open_subjects ON conversation (subject_kind, active_hour)
    WHERE subject_kind IS NOT NULL AND closed_reason IS NULL;
CREATE INDEX conversation_closed_subjects ON conversation (subject_kind, active_hour)
    WHERE subject_kind IS NOT NULL AND closed_reason IS NOT NULL;

-- The reasons that moderators gave before they looked at a conversation.
CREATE TABLE moderation_access (
    id              BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    moderator_id    BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    conversation_id BIGINT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    reason          TEXT   NOT NULL CHECK (length(reason) BETWEEN 1 AND 280),
    created_at      BIGINT NOT NULL
);

CREATE INDEX moderation_access_of ON moderation_access (moderator_id, conversation_id, created_at);
CREATE INDEX moderation_access_to ON moderation_access (conversation_id);
