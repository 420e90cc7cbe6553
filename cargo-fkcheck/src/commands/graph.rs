//! `cargo fkcheck graph`

use fkcheck_core::finding::Level;
use fkcheck_core::graph::{self, Asked};
use fkcheck_core::model::RuleId;
use fkcheck_core::outcome::Verdict;
use fkcheck_core::report::{self, Format};

use super::{check, counted, form_of, print_or_store, printed, wrote};
use crate::cli::{Graph, GraphForm};
use crate::status::StatusLines;
use crate::terminal;

pub(crate) fn run(arguments: &Graph, levels: Vec<(RuleId, Level)>) -> u8 {
    let common = &arguments.check;
    let style = terminal::stdout_style(common.color);
    let stderr_color = terminal::color(common.color, &std::io::stderr());
    let mut lines = StatusLines::new(stderr_color, common.quiet, common.verbose > 0);
    let output = arguments.output.as_deref();
    let form = match (arguments.format, output) {
        (Some(form), _) => form,
        (None, None) => GraphForm::Svg,
        (None, Some(file)) => match form_of(file, GraphForm::ENDINGS) {
            Ok(form) => form.unwrap_or(GraphForm::Svg),
            Err(error) => return check::fail(&error, Format::Human, &style),
        },
    };
    let asked = Asked {
        from: arguments.tables.iter().chain(&arguments.from).cloned().collect(),
        depth: arguments.depth.map(usize::from),
        reached: matches!(form, GraphForm::Html),
    };
    let request = check::request(common, levels);
    let found = match graph::graph(&request, &asked, &mut |status| lines.print(&status)) {
        Ok(found) => found,
        Err(error) => return check::fail(&error, Format::Human, &style),
    };
    // A picture of nothing says nothing.
    let stored = found.graphs.is_empty()
        || print_or_store(output, |out| report::render_graphs(&found, form.into(), out));
    if let Some(file) = output.filter(|_| stored && !found.graphs.is_empty()) {
        let tables = found.graphs.iter().map(|graph| graph.tables.len()).sum();
        let keys = found.graphs.iter().map(|graph| graph.keys.len()).sum();
        lines.print(&wrote(file, &format!("{}, {}", counted(tables, "table"), counted(keys, "key"))));
    }
    if !found.outcome.problems.is_empty() {
        printed(report::render_problems(&found.outcome, Format::Human, &style, &mut std::io::stderr()));
        return Verdict::Unknown.exit_code();
    }
    if stored { Verdict::Agrees } else { Verdict::Unknown }.exit_code()
}
