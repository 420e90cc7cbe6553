//! What a delete does, for people and for programs.

mod html;
mod json;
mod markdown;
mod text;

use std::io::{self, Write};

use super::{Format, Style};
use crate::consequence::When;
use crate::impact::{Effect, Impact, Impacts};
use crate::model::{Action, TableName};

/// How much of it is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown {
    /// Every path, not the nearest alone.
    pub paths: bool,
    /// At most so many lines a table; `None`: all.
    pub lines: Option<usize>,
}

/// Prints what deletes do: as JSON, as Markdown, as a page, else for people.
pub fn render_impacts(
    impacts: &Impacts,
    format: Format,
    shown: Shown,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Json(_) => json::render(impacts, out),
        Format::Markdown => markdown::render(impacts, shown, out),
        Format::Html => html::render(impacts, out),
        _ => text::render(impacts, shown, style, out),
    }
}

/// `at most 34 tables: 24 at once, 10 at the second step`
fn extent(impact: &Impact) -> String {
    let total = impact.deletes.len();
    if total == 0 && !impact.itself.is_empty() {
        return "rows of the table itself that refer to them".to_owned();
    }
    if total == 0 {
        return "nothing else".to_owned();
    }
    let last = impact.deletes.iter().map(|lost| lost.step).max().unwrap_or_default();
    let at = |step: usize| impact.deletes.iter().filter(|lost| lost.step == step).count();
    let step = |step: usize| match step {
        1 => format!("{} at once", at(1)),
        step => format!("{} at step {step}", at(step)),
    };
    let steps: Vec<String> = (1..=last).map(step).collect();
    let tables = if total == 1 { "table" } else { "tables" };
    match &steps[..] {
        [_] => format!("rows of at most {total} {tables}, at once"),
        _ => format!("rows of at most {total} {tables}: {}", steps.join(", ")),
    }
}

/// The same as a word.
pub(super) fn word(at: When) -> &'static str {
    match at {
        When::Referred => "referred",
        When::Left => "left",
        When::Order => "order",
        When::Commit => "commit",
        When::NotNull => "not_null",
        When::Generated => "generated",
        When::Default => "default",
    }
}

/// When keys to `parent` stop the delete; continues "`posts.user_id` ..".
pub(super) fn when(when: When, parent: &TableName) -> String {
    let referred = format!("while rows refer to a row of {parent} that goes");
    match when {
        When::Referred => referred,
        When::Left => format!("{referred}, unless they go by another way"),
        When::Order => {
            format!("or not, {referred}: they go by another way too, and the order in which keys act decides")
        }
        When::Commit => format!("at COMMIT, {referred}"),
        When::NotNull => format!("{referred}: the column takes no NULL"),
        When::Generated => format!("{referred}: the column is generated"),
        When::Default => format!("{referred}: this engine does no SET DEFAULT"),
    }
}

/// What becomes of the columns of a key.
fn cleared_to(effect: &Effect) -> &'static str {
    if matches!(effect.on_delete, Action::SetDefault(_)) { "its default" } else { "NULL" }
}

/// What the code says otherwise.
fn in_code(effect: &Effect) -> Option<String> {
    effect.in_code.as_ref().map(|action| format!("the code says {action}"))
}

/// What the chain of cascades comes to.
fn too_deep(impact: &Impact) -> Option<String> {
    let deep = impact.too_deep?;
    Some(match deep.longest {
        Some(longest) => format!(
            "a chain of {longest} cascades; this engine follows {}, and a longer one makes the delete fail",
            deep.most
        ),
        None => format!(
            "cascades that come back to a table that they have passed: more than {} in a row make the delete fail",
            deep.most
        ),
    })
}
