-- Whether a program writes by the account, as by an incoming webhook.
ALTER TABLE account ADD COLUMN bot INTEGER NOT NULL DEFAULT 0 CHECK (bot IN (0, 1));

-- Bots of webhooks that were revoked have no row there. No other account of this kind is without a password.
UPDATE account SET bot = 1
    WHERE id IN (SELECT bot_id FROM incoming_webhook) OR (kind = 2 AND password_hash = '');

-- SHA-256 of the request that registered the account, if it had a key: a repeat within a day gets the same answer.
ALTER TABLE account ADD COLUMN request_hash BLOB;
