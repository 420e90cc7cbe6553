//! A library whose build script checks its foreign keys.

pub mod models;
pub mod schema;
