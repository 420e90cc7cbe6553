//! The whole command line, as types.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use fkcheck_core::check::Partition;
use fkcheck_core::model::{RuleId, SourceKind};
use fkcheck_core::report::{Format, GraphFormat};

/// cargo's own colours.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default())
    .error(AnsiColor::Red.on_default().bold())
    .valid(AnsiColor::Cyan.on_default().bold())
    .invalid(AnsiColor::Yellow.on_default().bold());

#[derive(Parser)]
#[command(name = "cargo", bin_name = "cargo", styles = STYLES)]
pub(crate) enum Cargo {
    /// Does a delete do what the code says? Checks that Diesel models, schema.rs, migrations and the live database agree
    #[command(
        version,
        args_conflicts_with_subcommands = true,
        after_help = "Exit codes:\n  0  every declared key was found and agrees\n  1  findings at `deny`\n  2  wrong usage or \
                      configuration\n  3  could not know: no privilege, time-out, nothing to compare, unreadable\n\nFlags that \
                      stand before `fkcheck` (as in `cargo --offline fkcheck`) are cargo's own and don't get here."
    )]
    Fkcheck(Fkcheck),
}

#[derive(Args)]
pub(crate) struct Fkcheck {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) check: Check,
    /// Write the message format into this file, wholly or not at all, and the report for people to stdout
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Print the audit as a release note for a tracker (markdown), under this title or its own; html takes a title too
    #[arg(
        long,
        value_name = "TEXT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        help_heading = "Output"
    )]
    pub(crate) title: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write the annotations into the models, from what the database says: the first day on an old code base
    #[command(
        after_help = "Exit codes:\n  0  annotated, or nothing to add\n  2  wrong usage or configuration, or git has no copy of what would be edited\n  3  could not know; nothing was written"
    )]
    Annotate(Box<Annotate>),
    /// Write the Diesel migration that brings the database to the code, or change the annotations instead
    #[command(
        after_help = "Exit codes:\n  0  written, or nothing to fix\n  1  a key was left as it is; the reason is printed\n  2  wrong usage or configuration, or git has no copy of what would be edited\n  3  could not know; nothing was written"
    )]
    Fix(Box<Fix>),
    /// Write what the database says into fkcheck.lock, to check without a database
    #[command(
        after_help = "Exit codes:\n  0  written, or with --check current\n  1  with --check stale; or the databases differ\n  2  wrong usage or configuration\n  3  could not know; nothing was written"
    )]
    Snapshot(Box<Snapshot>),
    /// Say what a delete does: which tables lose rows, which columns become NULL, what stops it
    #[command(
        after_help = "No row is looked at: all of it is \"at most\". Needs no annotation; reads the database, fkcheck.lock or the migrations, as the check does.\n\nExit codes:\n  0  said\n  2  wrong usage or configuration, or no such table\n  3  could not know: no source, or not all of its keys were seen"
    )]
    Impact(Box<Impact>),
    /// List every delete in the code, with what the database does about it
    #[command(
        after_help = "No row is looked at. Needs no annotation; reads the database, fkcheck.lock or the migrations, as the check does.\n\nExit codes:\n  0  listed\n  2  wrong usage or configuration, or no such table\n  3  could not know: no source, or not all of its keys were seen"
    )]
    Deletes(Box<Deletes>),
    /// Draw the keys with their delete rules: every table, or what a delete from one reaches
    #[command(
        after_help = "No row is looked at. Needs no annotation; reads the database, fkcheck.lock or the migrations, as the check does.\nThe picture goes to stdout or into --output, all else to stderr.\n\nExit codes:\n  0  drawn\n  2  wrong usage or configuration, or no such table\n  3  could not know: no source, or not all of its keys were seen"
    )]
    Graph(Box<Graph>),
    /// Record today's findings in fkcheck-baseline.toml: from then on only new ones fail
    #[command(
        after_help = "Exit codes:\n  0  written\n  2  wrong usage or configuration\n  3  could not know; nothing was written"
    )]
    Baseline(Box<Baseline>),
    /// Print a rule's page: what it says, why, a wrong and a right example; without a rule, list them all
    Explain {
        /// The rule, e.g. `fk_on_delete_mismatch`
        rule: Option<String>,
    },
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Args)]
pub(crate) struct Annotate {
    /// Where the keys come from, the same as --against [default: as there]
    #[arg(long, value_name = "SOURCE", conflicts_with = "against")]
    pub(crate) from: Option<Against>,
    /// Write nothing; print a diff
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) allow: AllowUnsaved,
    /// Leave Cargo.toml alone; print what to add
    #[arg(long)]
    pub(crate) no_manifest: bool,
    /// The file for the keys of tables without a model [default: one beside schema.rs]
    #[arg(long, value_name = "FILE")]
    pub(crate) tables_file: Option<PathBuf>,
    /// Write this path of fkcheck-macros into Cargo.toml in place of a version: a checkout, or a vendored copy
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) dependency_path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) check: Check,
}

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags")]
pub(crate) struct Fix {
    /// Keys to fix, e.g. `batch_jobs.org_id` [default: all that disagree]
    #[arg(value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Change the annotations to what the database says, instead of the database
    #[arg(long, conflicts_with_all = ["all_database", "all_code"])]
    pub(crate) code: bool,
    /// Don't ask: write a migration for every key; without a terminal, the default
    #[arg(long, conflicts_with = "all_code")]
    pub(crate) all_database: bool,
    /// Don't ask: change every annotation
    #[arg(long)]
    pub(crate) all_code: bool,
    /// Write nothing; print the migrations, and the edits as a diff
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// What the migrations' names begin with [default: from the keys]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Where the migrations go [default: where the workspace's are]
    #[arg(long, value_name = "DIR")]
    pub(crate) migration_dir: Option<PathBuf>,
    /// A key whose new rule may delete rows or clear columns, repeatable: without it such a change is refused
    #[arg(long, value_name = "KEY")]
    pub(crate) allow_data_loss: Vec<String>,
    #[command(flatten)]
    pub(crate) allow: AllowUnsaved,
    #[command(flatten)]
    pub(crate) check: Check,
}

/// Edits that nobody could take back.
#[derive(Args)]
pub(crate) struct AllowUnsaved {
    /// Edit although git has no copy of what is there, or can't tell
    #[arg(long)]
    pub(crate) allow_dirty: bool,
    /// Edit although the workspace is in no git repository
    #[arg(long)]
    pub(crate) allow_no_vcs: bool,
}

#[derive(Args)]
pub(crate) struct Impact {
    /// Tables that are deleted from, e.g. `users` or `billing.users` [default: every one that a key refers to]
    #[arg(value_name = "TABLE")]
    pub(crate) tables: Vec<String>,
    /// Follow the rows of the live database of which this SQL is true, e.g. "id = 42", in a read-only transaction
    #[arg(long = "where", value_name = "SQL", requires = "tables")]
    pub(crate) condition: Option<String>,
    /// Say what an update of this column does, by ON UPDATE, instead of a delete
    #[arg(long, value_name = "COLUMN", requires = "tables")]
    pub(crate) update: Option<String>,
    /// Show every table, not as many as the terminal has lines
    #[arg(long)]
    pub(crate) full: bool,
    /// Show every path by which a table is reached, not the nearest alone
    #[arg(long)]
    pub(crate) paths: bool,
    /// Write into this file, wholly or not at all: .txt, .md, .html or .json, else in the message format
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) check: Check,
}

#[derive(Args)]
pub(crate) struct Deletes {
    /// Only deletes from these tables, e.g. `users` or `billing.users` [default: all]
    #[arg(value_name = "TABLE")]
    pub(crate) tables: Vec<String>,
    /// Also those in tests, and every table and key of a list
    #[arg(long)]
    pub(crate) full: bool,
    #[command(flatten)]
    pub(crate) check: Check,
}

#[derive(Args)]
pub(crate) struct Graph {
    /// Only what a delete from these tables reaches, e.g. `users` or `billing.users` [default: every key]
    #[arg(value_name = "TABLE")]
    pub(crate) tables: Vec<String>,
    /// The same as TABLE, repeatable; where the keys come from is --against
    #[arg(long, value_name = "TABLE")]
    pub(crate) from: Vec<String>,
    /// Follow at most so many cascades from these tables
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) depth: Option<u16>,
    /// What to write [default: as the name of --output ends, else svg]
    #[arg(long, value_name = "FORM", help_heading = "Output")]
    pub(crate) format: Option<GraphForm>,
    /// Write into this file, wholly or not at all: .svg, .html, .mmd, .mermaid, .md, .dot, .gv or .json
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) check: Check,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum GraphForm {
    /// A drawing
    Svg,
    /// A page in one file, to search, zoom and ask
    Html,
    /// Markdown that GitHub draws
    Mermaid,
    /// For Graphviz
    Dot,
    /// For programs, one object a source
    Json,
}

impl GraphForm {
    /// By the end of a file's name.
    pub(crate) const ENDINGS: &[(&str, GraphForm)] = &[
        ("svg", GraphForm::Svg),
        ("html", GraphForm::Html),
        ("htm", GraphForm::Html),
        ("mmd", GraphForm::Mermaid),
        ("mermaid", GraphForm::Mermaid),
        ("md", GraphForm::Mermaid),
        ("dot", GraphForm::Dot),
        ("gv", GraphForm::Dot),
        ("json", GraphForm::Json),
    ];
}

impl From<GraphForm> for GraphFormat {
    fn from(form: GraphForm) -> Self {
        match form {
            GraphForm::Svg => GraphFormat::Svg,
            GraphForm::Html => GraphFormat::Html,
            GraphForm::Mermaid => GraphFormat::Mermaid,
            GraphForm::Dot => GraphFormat::Dot,
            GraphForm::Json => GraphFormat::Json,
        }
    }
}

#[derive(Args)]
pub(crate) struct Baseline {
    /// Add nothing; remove entries that no longer occur
    #[arg(long)]
    pub(crate) prune: bool,
    #[command(flatten)]
    pub(crate) check: Check,
}

#[derive(Args)]
pub(crate) struct Snapshot {
    /// Write nothing; print what has changed and fail if anything has
    #[arg(long = "check")]
    pub(crate) only_check: bool,
    #[command(flatten)]
    pub(crate) check: Check,
}

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags")]
#[expect(clippy::doc_markdown, reason = "help texts, printed as they are")]
pub(crate) struct Check {
    /// The database's URL, repeatable for databases of one schema [default: $DATABASE_URL, then DATABASE_URL in .env]
    #[arg(long, value_name = "URL", help_heading = "Sources", hide_env_values = true)]
    pub(crate) database_url: Vec<String>,
    /// A file with more of them, one a line; `-` is stdin
    #[arg(long, value_name = "FILE", help_heading = "Sources")]
    pub(crate) database_urls_from: Option<PathBuf>,
    /// The K-th of N shares of these databases, e.g. 1/4: every N-th
    #[arg(long, value_name = "K/N", value_parser = partition, help_heading = "Sources")]
    pub(crate) partition: Option<Partition>,
    /// Databases that are read at once [default: 8]
    #[arg(short, long, value_name = "N", allow_negative_numbers = true, help_heading = "Sources")]
    pub(crate) jobs: Option<String>,
    /// A database of `[workspace.metadata.fkcheck.databases]`, repeatable [default: all]
    #[arg(long, value_name = "NAME", help_heading = "Sources")]
    pub(crate) database: Vec<String>,
    /// Run the migrations in a throw-away database of this server, instead of replaying them; it is dropped again
    #[arg(long, value_name = "URL", help_heading = "Sources")]
    pub(crate) scratch_url: Option<String>,
    /// What to compare with, repeatable [default: the database if a URL is known, else the snapshot, else the
    /// migrations]
    #[arg(long, value_name = "SOURCE", help_heading = "Sources")]
    pub(crate) against: Vec<Against>,
    /// Also count child rows that have no parent: reads whole tables, blocks no writer
    #[arg(long, help_heading = "Sources")]
    pub(crate) data: bool,
    /// How long a source may take, in seconds [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Sources")]
    pub(crate) deadline: Option<Duration>,
    /// Don't verify the server's certificate
    #[arg(long, help_heading = "Sources")]
    pub(crate) insecure_tls: bool,

    /// Allow a rule
    #[arg(short = 'A', long = "allow", value_name = "RULE", value_parser = crate::levels::rule, help_heading = "Rules")]
    pub(crate) allow: Vec<RuleId>,
    /// Let a rule warn
    #[arg(short = 'W', long = "warn", value_name = "RULE", value_parser = crate::levels::rule, help_heading = "Rules")]
    pub(crate) warn: Vec<RuleId>,
    /// Let a rule fail the run
    #[arg(short = 'D', long = "deny", value_name = "RULE", value_parser = crate::levels::rule, help_heading = "Rules")]
    pub(crate) deny: Vec<RuleId>,
    /// No rule goes above this level
    #[arg(long, value_name = "LEVEL", help_heading = "Rules")]
    pub(crate) cap_lints: Option<CapLints>,
    /// NO ACTION beside RESTRICT is a mismatch like any other
    #[arg(long, help_heading = "Rules")]
    pub(crate) strict: bool,

    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH", help_heading = "Packages")]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Show findings of this package only, repeatable; the whole workspace is read in any case
    #[arg(short, long, value_name = "SPEC", help_heading = "Packages")]
    pub(crate) package: Vec<String>,
    /// Show findings of all packages, the default
    #[arg(long, alias = "all", help_heading = "Packages")]
    pub(crate) workspace: bool,
    /// Don't show findings of this package, repeatable
    #[arg(long, value_name = "SPEC", help_heading = "Packages")]
    pub(crate) exclude: Vec<String>,
    /// Connect to nothing
    #[arg(long, help_heading = "Packages")]
    pub(crate) offline: bool,
    /// Accepted as cargo does; nothing is resolved
    #[arg(long, help_heading = "Packages")]
    pub(crate) locked: bool,
    /// As --locked and --offline
    #[arg(long, help_heading = "Packages")]
    pub(crate) frozen: bool,

    /// human, short, json or cargo's other JSON formats, github, sarif, gitlab, junit, markdown, html
    #[arg(long, value_name = "FMT", default_value = "human", help_heading = "Output")]
    pub(crate) message_format: Format,
    /// Run `cargo check` or `cargo clippy` first and stream its messages: for editors, which allow one command
    #[arg(
        long,
        value_name = "COMMAND",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "check",
        help_heading = "Output"
    )]
    pub(crate) editor: Option<Editor>,
    /// Print findings only
    #[arg(short, long, env = "CARGO_TERM_QUIET", value_parser = clap::builder::FalseyValueParser::new(), conflicts_with = "verbose", help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Say more: where the URL was found, what was inferred
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,
    /// Coloring
    #[arg(
        long,
        value_name = "WHEN",
        env = "CARGO_TERM_COLOR",
        default_value = "auto",
        hide_env = true,
        help_heading = "Output"
    )]
    pub(crate) color: Color,

    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

/// What an editor passes because cargo would take it. Nothing is compiled, so it has no bearing.
#[derive(Args)]
#[allow(dead_code, reason = "accepted and not read")]
#[expect(clippy::struct_excessive_bools, reason = "cargo's flags")]
pub(crate) struct Ignored {
    #[arg(long, hide = true)]
    all_targets: bool,
    #[arg(long, hide = true)]
    keep_going: bool,
    #[arg(long, hide = true)]
    lib: bool,
    #[arg(long, hide = true)]
    bins: bool,
    #[arg(long, hide = true)]
    bin: Vec<String>,
    #[arg(long, hide = true)]
    examples: bool,
    #[arg(long, hide = true)]
    example: Vec<String>,
    #[arg(long, hide = true)]
    tests: bool,
    #[arg(long, hide = true)]
    test: Vec<String>,
    #[arg(long, hide = true)]
    benches: bool,
    #[arg(long, hide = true)]
    bench: Vec<String>,
    #[arg(long, short = 'F', hide = true)]
    features: Vec<String>,
    #[arg(long, hide = true)]
    all_features: bool,
    #[arg(long, hide = true)]
    no_default_features: bool,
    #[arg(long, short = 'r', hide = true)]
    release: bool,
    #[arg(long, hide = true)]
    profile: Option<String>,
    #[arg(long, hide = true)]
    target: Vec<String>,
    #[arg(long, hide = true)]
    target_dir: Option<PathBuf>,
    #[arg(long, hide = true)]
    config: Vec<String>,
    #[arg(short = 'Z', hide = true)]
    unstable: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Against {
    /// The live database
    Database,
    /// The migrations: SQLite's are run in memory, PostgreSQL's and MySQL's are replayed
    Migrations,
    /// The committed snapshot, fkcheck.lock
    Snapshot,
}

impl From<Against> for SourceKind {
    fn from(source: Against) -> Self {
        match source {
            Against::Database => SourceKind::Database,
            Against::Migrations => SourceKind::Migrations,
            Against::Snapshot => SourceKind::Snapshot,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Editor {
    /// `cargo check`
    Check,
    /// `cargo clippy`
    Clippy,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum CapLints {
    Allow,
    Warn,
    Deny,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err("a whole number of seconds, at least 1".to_owned()),
    }
}

fn partition(text: &str) -> Result<Partition, String> {
    let share =
        text.split_once('/').and_then(|(share, of)| Partition::new(share.parse().ok()?, of.parse().ok()?));
    share.ok_or_else(|| "a share K of N, e.g. 1/4 for the first of four".to_owned())
}

/// A title where no page has one.
pub(crate) fn misplaced_title(arguments: &Fkcheck) -> Option<clap::Error> {
    let has_title = matches!(arguments.check.message_format, Format::Markdown | Format::Html);
    (arguments.title.is_some() && !has_title).then(|| {
        let message = "--title goes with --message-format markdown or html";
        Cargo::command().error(ErrorKind::ArgumentConflict, message)
    })
}

/// What is for findings, of which `impact` and `graph` have none.
const FOR_FINDINGS: [&str; 10] =
    ["data", "allow", "warn", "deny", "cap_lints", "strict", "package", "workspace", "exclude", "editor"];

/// The options that a command takes from [`Check`] and that do nothing there.
fn without_effect(command: &str) -> Vec<clap::Id> {
    if !["impact", "graph"].contains(&command) {
        return Vec::new();
    }
    let ignored = Ignored::augment_args(clap::Command::new("ignored"));
    let ignored = ignored.get_arguments().map(|argument| argument.get_id().clone());
    FOR_FINDINGS.iter().copied().map(clap::Id::from).chain(ignored).collect()
}

/// The command line, each command's help without what does nothing there.
pub(crate) fn command() -> clap::Command {
    let hide = |command: clap::Command, name: &str| {
        command.mut_subcommand(name, |command| {
            let hidden = without_effect(name);
            let of_findings = (name == "graph").then(|| clap::Id::from("message_format"));
            hidden
                .into_iter()
                .chain(of_findings)
                .fold(command, |command, id| command.mut_arg(id, |argument| argument.hide(true)))
        })
    };
    Cargo::command().mut_subcommand("fkcheck", |fkcheck| ["impact", "graph"].into_iter().fold(fkcheck, hide))
}

/// An option that does nothing in the command that is run.
pub(crate) fn misplaced(matches: &clap::ArgMatches) -> Option<clap::Error> {
    let (name, matches) = matches.subcommand()?.1.subcommand()?;
    let is_given =
        |id: &clap::Id| matches.value_source(id.as_str()) == Some(clap::parser::ValueSource::CommandLine);
    let given = without_effect(name).into_iter().find(is_given)?;
    let message = format!(
        "`--{}` does nothing in `cargo fkcheck {name}`: see its --help for what does",
        given.as_str().replace('_', "-")
    );
    Some(Cargo::command().error(ErrorKind::ArgumentConflict, message))
}

/// What doesn't go with `graph`: it has a form of its own, and follows cascades from somewhere.
pub(crate) fn misplaced_in_graph(arguments: &Fkcheck) -> Option<clap::Error> {
    let Some(Command::Graph(graph)) = &arguments.command else { return None };
    let message = if graph.check.message_format != Format::Human {
        "graph writes a picture: --format says in which form, and --message-format has no bearing on it"
    } else if graph.depth.is_some() && graph.tables.is_empty() && graph.from.is_empty() {
        "--depth goes with a table, from which cascades are followed"
    } else {
        return None;
    };
    Some(Cargo::command().error(ErrorKind::ArgumentConflict, message))
}

/// The arguments as cargo passes them, with the subcommand's name as the first: `cargo-fkcheck` works by itself too.
pub(crate) fn with_subcommand(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    if arguments.get(1).is_none_or(|first| first != "fkcheck") {
        arguments.insert(arguments.len().min(1), "fkcheck".into());
    }
    arguments
}
