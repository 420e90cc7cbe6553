//! What compiles and what doesn't, with the words that the user then reads.

#[test]
fn wrong_annotations_are_told() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}
