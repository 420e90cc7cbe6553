//! A database's URL, and a list of them. No output holds the password.

#![no_main]

use std::path::Path;

use fkcheck_core::sources::{DatabaseUrl, read_list};
use libfuzzer_sys::fuzz_target;

/// Its first letter is no hexadecimal digit: `%1C` and the rest would be the same word.
const PASSWORD: &str = "QuietS3cret";

/// Whether it stands where a server's password does, and nowhere else.
fn is_password(text: &str) -> bool {
    let Some((scheme, rest)) = text.trim().split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    ["postgres", "postgresql", "mysql", "mariadb"].contains(&scheme)
        && authority.contains(&format!(":{PASSWORD}@"))
        // A URL's line breaks and tabs don't count.
        && text.replace(['\t', '\r', '\n'], "").matches(PASSWORD).count() == 1
}

fuzz_target!(|text: &str| {
    let shown = match DatabaseUrl::parse(text) {
        Ok(url) => format!("{url} {}", url.clone().relative_to(Path::new("/base"))),
        Err(error) => format!("{error} {:?}", error.help()),
    };
    assert!(!is_password(text) || !shown.contains(PASSWORD), "{shown}");
    let _urls = read_list(text, "list");
});
