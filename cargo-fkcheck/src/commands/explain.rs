//! `cargo fkcheck explain [rule]`

use std::io::Write as _;

use fkcheck_core::rules;

use super::{USAGE, print};

pub(crate) fn run(rule: Option<&str>) -> u8 {
    let Some(name) = rule else {
        print(&rules::list());
        return 0;
    };
    match crate::levels::rule(name) {
        Ok(rule) => {
            print(&rules::page(rule.rule()));
            0
        }
        Err(why) => {
            let _ = writeln!(anstream::stderr(), "error: `{}`: {why}", fkcheck_core::report::clean(name));
            USAGE
        }
    }
}
