-- A conversation may go without a profile now; SQLite can't drop a NOT NULL.
CREATE TABLE ai_conversations_new (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    permission_profile_id INTEGER REFERENCES permission_profiles (id) ON DELETE SET NULL,
    title TEXT NOT NULL
);

INSERT INTO ai_conversations_new (id, user_id, permission_profile_id, title)
SELECT id, user_id, permission_profile_id, title FROM ai_conversations;

DROP TABLE ai_conversations;
ALTER TABLE ai_conversations_new RENAME TO ai_conversations;

CREATE INDEX ai_conversations_user_id ON ai_conversations (user_id);
CREATE INDEX ai_conversations_permission_profile_id ON ai_conversations (permission_profile_id);
