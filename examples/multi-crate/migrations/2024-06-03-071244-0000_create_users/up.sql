CREATE TABLE shop.users (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invited_by BIGINT REFERENCES shop.users (id) ON DELETE SET NULL,
    email TEXT NOT NULL UNIQUE
);

CREATE INDEX users_invited_by ON shop.users (invited_by);

CREATE TABLE shop.followers (
    follower_id BIGINT NOT NULL REFERENCES shop.users (id) ON DELETE CASCADE,
    followed_id BIGINT NOT NULL REFERENCES shop.users (id) ON DELETE CASCADE,
    PRIMARY KEY (follower_id, followed_id)
);

CREATE INDEX followers_followed_id ON shop.followers (followed_id);
