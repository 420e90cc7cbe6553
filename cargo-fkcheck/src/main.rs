//! `cargo fkcheck`.

fn main() {}
