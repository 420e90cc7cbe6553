//! Checks the annotations against fkcheck.lock at every build that touches either.

fn main() {
    // `.deny()` makes a mismatch fail the build.
    fkcheck_core::build::check().run();
}
