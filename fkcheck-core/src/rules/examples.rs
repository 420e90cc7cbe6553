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
