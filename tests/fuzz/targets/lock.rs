//! `fkcheck.lock`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    fkcheck_core::inside::read_lock(text);
});
