//! Schemas that several examples share.

/// A parent and a child with a mandatory and an optional key column.
pub(super) const USERS_AND_POSTS: &str = "
diesel::table! {
    users (id) {
        id -> Integer,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        author_id -> Integer,
        editor_id -> Nullable<Integer>,
    }
}
";

/// A chain of two keys, and one past it.
pub(super) const USERS_POSTS_AND_COMMENTS: &str = "
diesel::table! {
    users (id) {
        id -> Integer,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        author_id -> Integer,
    }
}

diesel::table! {
    comments (id) {
        id -> Integer,
        post_id -> Nullable<Integer>,
        author_id -> Nullable<Integer>,
    }
}
";

/// A parent with two children, the models of which the functions beside them use.
pub(super) const TEAMS_WITH_MEMBERS_AND_INVITES: &str = "
diesel::table! {
    teams (id) {
        id -> Integer,
    }
}

diesel::table! {
    members (id) {
        id -> Integer,
        team_id -> Integer,
    }
}

diesel::table! {
    invites (id) {
        id -> Integer,
        team_id -> Integer,
    }
}
";
