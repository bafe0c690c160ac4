-- Notifications of people: mentions, and changes of their membership. Those of unread messages in direct conversations follow
-- from the messages and have no row.
CREATE TABLE notification (
    user_id         BIGINT NOT NULL REFERENCES account (id),
    conversation_id BIGINT NOT NULL REFERENCES conversation (id),
    -- Of the message with the mention, or of the system message about the change.
    seq             BIGINT NOT NULL,
    -- 1: mention, 2: added to a group, 3: made moderator, 4: made owner.
    kind            BIGINT NOT NULL CHECK (kind IN (1, 2, 3, 4)),
    actor_id        BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id, seq)
);

CREATE INDEX notification_by_time ON notification (user_id, created_at, conversation_id, seq);
CREATE INDEX notification_in ON notification (conversation_id);
CREATE INDEX notification_by_age ON notification (created_at);

-- The person has marked all notifications up to this time as read.
ALTER TABLE account ADD COLUMN notifications_read_at BIGINT NOT NULL DEFAULT 0;
