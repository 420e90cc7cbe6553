//! `fkcheck-baseline.toml`; what it is written as is read as the same.

#![no_main]

use fkcheck_core::baseline::Baseline;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(baseline) = Baseline::parse(text) {
        let written = baseline.without(&[]);
        let again = Baseline::parse(&written).unwrap_or_else(|fault| panic!("{}\n{written}", fault.message));
        assert_eq!(again.without(&[]), written);
    }
});
