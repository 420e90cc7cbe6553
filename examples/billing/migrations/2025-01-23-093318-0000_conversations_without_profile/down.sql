DELETE FROM ai_conversations WHERE permission_profile_id IS NULL;

CREATE TABLE ai_conversations_old (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    permission_profile_id INTEGER NOT NULL REFERENCES permission_profiles (id),
    title TEXT NOT NULL
);

INSERT INTO ai_conversations_old (id, user_id, permission_profile_id, title)
SELECT id, user_id, permission_profile_id, title FROM ai_conversations;

DROP TABLE ai_conversations;
ALTER TABLE ai_conversations_old RENAME TO ai_conversations;

CREATE INDEX ai_conversations_user_id ON ai_conversations (user_id);
