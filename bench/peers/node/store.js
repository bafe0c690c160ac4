// The database: WAL with synchronous=FULL, one transaction for each message, statements prepared once.
"use strict";

const path = require("node:path");
const Database = require("better-sqlite3");

const TABLES = `
  CREATE TABLE users (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE, first_name TEXT NOT NULL, last_name TEXT NOT NULL
  );
  CREATE TABLE conversations (id INTEGER PRIMARY KEY);
  CREATE TABLE participants (
    conversation_id INTEGER NOT NULL REFERENCES conversations, user_id INTEGER NOT NULL REFERENCES users,
    PRIMARY KEY (conversation_id, user_id)
  ) WITHOUT ROWID;
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL REFERENCES conversations,
    sender_id INTEGER NOT NULL REFERENCES users, content TEXT NOT NULL, timestamp INTEGER NOT NULL
  );
  CREATE INDEX messages_of_conversation ON messages (conversation_id, id);
  CREATE TABLE deletions (
    message_id INTEGER NOT NULL REFERENCES messages, user_id INTEGER NOT NULL REFERENCES users,
    PRIMARY KEY (message_id, user_id)
  ) WITHOUT ROWID;
`;

/** Opens the database of a folder, and makes its tables where there are none. */
function open(folder) {
  const db = new Database(path.join(folder, "db.sqlite3"));
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  if (db.pragma("journal_mode", { simple: true }) !== "wal" || db.pragma("synchronous", { simple: true }) !== 2) {
    throw new Error("the database is not set to WAL with synchronous=FULL");
  }
  if (!db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'users'").get()) db.exec(TABLES);
  return db;
}

/** What the server asks of the database. */
function statements(db) {
  const user = db.prepare("SELECT id, username, first_name, last_name FROM users WHERE id = ?");
  const participant = db.prepare("SELECT 1 FROM participants WHERE conversation_id = ? AND user_id = ?");
  const insert = db.prepare(
    "INSERT INTO messages (conversation_id, sender_id, content, timestamp) VALUES (?, ?, ?, ?)");
  const hide = db.prepare(`INSERT OR IGNORE INTO deletions (message_id, user_id)
    SELECT m.id, p.user_id FROM messages m JOIN participants p USING (conversation_id) WHERE m.id = ? AND p.user_id = ?`);
  const hidden = db.prepare("SELECT 1 FROM deletions WHERE message_id = ? AND user_id = ?");
  return {
    /** The user with this id, if any. */
    user: (id) => user.get(id),
    /** Whether somebody takes part in a conversation. */
    participates: (conversation, person) => participant.get(conversation, person) !== undefined,
    /** Stores a message. What it gives is durable. */
    save(conversation, sender, content) {
      const now = Date.now();
      const id = Number(insert.run(conversation, sender.id, content, now).lastInsertRowid);
      return { id, sender, content, timestamp: new Date(now).toISOString() };
    },
    /** Hides a message from somebody; false where there is none for them. */
    remove(message, person) {
      hide.run(message, person);
      return hidden.get(message, person) !== undefined;
    },
  };
}

module.exports = { open, statements };
