CREATE TABLE permission_profiles (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE ai_conversations (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    permission_profile_id INTEGER NOT NULL REFERENCES permission_profiles (id),
    title TEXT NOT NULL
);

CREATE INDEX ai_conversations_user_id ON ai_conversations (user_id);
