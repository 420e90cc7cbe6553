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
