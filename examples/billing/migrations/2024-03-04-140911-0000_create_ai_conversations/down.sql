DROP TABLE ai_conversations;
DROP TABLE permission_profiles;
