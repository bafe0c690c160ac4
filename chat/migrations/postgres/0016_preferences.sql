-- Preferences of a person. Columns rather than one JSON text: statements about receipts and typing ask for two of them, and
-- the database checks the range of each.
ALTER TABLE account ADD COLUMN notify_direct BIGINT NOT NULL DEFAULT 1 CHECK (notify_direct IN (0, 1));
ALTER TABLE account ADD COLUMN notify_mention BIGINT NOT NULL DEFAULT 1 CHECK (notify_mention IN (0, 1));
ALTER TABLE account ADD COLUMN notify_group BIGINT NOT NULL DEFAULT 0 CHECK (notify_group IN (0, 1));
ALTER TABLE account ADD COLUMN notify_added BIGINT NOT NULL DEFAULT 1 CHECK (notify_added IN (0, 1));
ALTER TABLE account ADD COLUMN sound BIGINT NOT NULL DEFAULT 1 CHECK (sound IN (0, 1));
ALTER TABLE account ADD COLUMN push_content BIGINT NOT NULL DEFAULT 0 CHECK (push_content IN (0, 1));
-- Minutes since midnight in the person's time zone; both or none.
ALTER TABLE account ADD COLUMN quiet_from BIGINT CHECK (quiet_from BETWEEN 0 AND 1439);
ALTER TABLE account ADD COLUMN quiet_to BIGINT CHECK (quiet_to BETWEEN 0 AND 1439);
-- The zone of the device that was used last, for quiet hours while `time_zone` is 'auto'.
ALTER TABLE account ADD COLUMN device_time_zone TEXT;
ALTER TABLE account ADD COLUMN show_typing BIGINT NOT NULL DEFAULT 1 CHECK (show_typing IN (0, 1));
ALTER TABLE account ADD COLUMN send_read_receipts BIGINT NOT NULL DEFAULT 1 CHECK (send_read_receipts IN (0, 1));

-- The read position that others see: it stays where it is while the member sends no read receipts.
ALTER TABLE member ADD COLUMN shown_read_seq BIGINT NOT NULL DEFAULT 0;
UPDATE member SET shown_read_seq = read_seq;

-- The messages that the member is notified of: 0 as the preferences say, 1 all, 2 mentions, 3 none.
ALTER TABLE member ADD COLUMN notify BIGINT NOT NULL DEFAULT 0 CHECK (notify IN (0, 1, 2, 3));
