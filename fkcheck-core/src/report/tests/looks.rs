//! How the reports look. After a change: `INSTA_UPDATE=always cargo test`, then read the difference.

use insta::assert_snapshot;

use super::outcomes::{awkward, billing};
use super::rendered;
use crate::model::SourceKind;
use crate::outcome::{ComparedWith, Counts, Outcome};
use crate::report::{Format, Style};

const PLAIN: Style = Style::PLAIN;

#[test]
fn human_at_three_widths() {
    for width in [40, 80, 120] {
        let text = rendered(&billing(), Format::Human, &Style { width, ..PLAIN });
        assert_snapshot!(format!("human_{width}"), text);
    }
}

#[test]
fn human_in_ascii() {
    let text = rendered(&billing(), Format::Human, &Style { unicode: false, width: 80, ..PLAIN });
    assert!(text.is_ascii());
    assert_snapshot!("human_ascii", text);
}

#[test]
fn human_in_colour_is_the_same_text() {
    let style = Style { color: true, hyperlinks: true, width: 80, ..PLAIN };
    let text = rendered(&billing(), Format::Human, &style);
    assert_snapshot!("human_colour", text.replace('\u{1b}', "␛"));

    let colour_alone = rendered(&billing(), Format::Human, &Style { hyperlinks: false, ..style });
    let plain = rendered(&billing(), Format::Human, &Style { width: 80, ..PLAIN });
    assert_eq!(without_colour(&colour_alone), plain);
    assert!(!plain.contains('\u{1b}'));
    assert!(!colour_alone.contains("\u{1b}]"));
}

/// What is left when `ESC [ .. m` is taken out.
fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').unwrap().1)
}

#[test]
fn awkward_text_at_two_widths() {
    for width in [40, 100] {
        let text = rendered(&awkward(), Format::Human, &Style { width, ..PLAIN });
        assert_snapshot!(format!("awkward_{width}"), text);
    }
}

#[test]
fn no_width_is_too_small() {
    for width in 0..40 {
        for unicode in [true, false] {
            assert!(
                rendered(&awkward(), Format::Human, &Style { unicode, width, ..PLAIN }).contains("nowhere")
            );
        }
    }
}

#[test]
fn short() {
    assert_snapshot!("short", rendered(&billing(), Format::Short, &PLAIN));
}

#[test]
fn the_summary_says_how_it_ended() {
    let end = |declared, paired| {
        let counts = Counts { declared, paired, observed: 3, ..Counts::default() };
        rendered(&Outcome { counts, ..Outcome::default() }, Format::Human, &PLAIN)
    };
    assert_snapshot!(end(0, 0), @r"
    0 foreign keys declared, 3 observed, 0 compared, 0 undeclared, 0 skipped
    could not know: nothing was compared
    ");
    assert_snapshot!(end(1, 1), @r"
    1 foreign key declared, 3 observed, 1 compared, 0 undeclared, 0 skipped
    the one declared key agrees
    ");
    assert_snapshot!(end(3, 3), @r"
    3 foreign keys declared, 3 observed, 3 compared, 0 undeclared, 0 skipped
    all 3 declared keys agree
    ");
}

#[test]
fn the_last_line_says_what_agreed_with_what() {
    let with = |source, label: &str, alone, keys| ComparedWith {
        source,
        label: label.to_owned(),
        section: None,
        alone,
        keys,
    };
    let database = with(SourceKind::Database, "PostgreSQL 15.18, database shop at db\u{1b}", false, 34);
    let migrations = with(SourceKind::Migrations, "PostgreSQL after 3 migrations", true, 6);
    let end = |sources: &[ComparedWith]| {
        let paired = sources.iter().map(|source| source.keys).sum();
        let counts = Counts { declared: paired, paired, sources: sources.to_vec(), ..Counts::default() };
        let text = rendered(&Outcome { counts, ..Outcome::default() }, Format::Short, &PLAIN);
        text.trim_end().rsplit_once("skipped; ").map(|(_, end)| end.to_owned())
    };
    let says = |sources: &[ComparedWith], text: &str| assert_eq!(end(sources).as_deref(), Some(text));
    says(std::slice::from_ref(&migrations), "all 6 declared keys agree with the migrations alone");
    says(
        &[database, migrations],
        "all 40 declared keys agree: 34 with PostgreSQL 15.18, database shop at db\\u{1b}; 6 with the migrations alone",
    );
}

#[test]
fn the_last_line_says_what_is_no_agreement() {
    let end = |counts: Counts| {
        let text = rendered(&Outcome { counts, ..Outcome::default() }, Format::Short, &PLAIN);
        text.trim_end().rsplit_once("skipped; ").map(|(_, end)| end.to_owned()).unwrap_or_default()
    };
    let five = Counts { declared: 5, paired: 5, ..Counts::default() };
    let one = Counts { declared: 1, paired: 1, ..Counts::default() };
    for (counts, says) in [
        (Counts { allowed: 1, ..five.clone() }, "4 of 5 declared keys agree; 1 differs and is allowed"),
        (
            Counts { allowed: 2, not_shown: 1, ..five.clone() },
            "2 of 5 declared keys agree; 2 differ and are allowed; 1 differs in a package that isn't shown",
        ),
        // One is missing, one could not be compared.
        (
            Counts { allowed: 1, paired: 3, skipped: 1, ..five.clone() },
            "3 of 5 declared keys agree; 1 differs and is allowed",
        ),
        (Counts { unclaimed: 2, ..five }, "all 5 declared keys agree; 2 say nothing of ON DELETE"),
        (
            Counts { allowed: 1, ..one.clone() },
            "the one declared key doesn't agree; 1 differs and is allowed",
        ),
        (Counts { unclaimed: 1, ..one }, "the one declared key agrees; the code says nothing of ON DELETE"),
    ] {
        assert_eq!(end(counts), says);
    }
}

#[test]
fn the_same_help_is_given_once() {
    let text = rendered(&billing(), Format::Human, &PLAIN);
    assert_eq!(text.matches("which is it?").count(), 1);
    assert_eq!(text.matches("error[fk_on_delete_mismatch]").count(), 2);
}

#[test]
fn many_findings_are_all_printed() {
    let mut outcome = billing();
    let finding = outcome.findings[0].clone();
    outcome.findings = vec![finding; 120];
    let text = rendered(&outcome, Format::Human, &PLAIN);
    assert_eq!(text.matches("error[fk_on_delete_mismatch]").count(), 120);
    assert_eq!(text.matches("help:").count(), 3 + 1);
}
