//! One run: workspace → declared keys, sources → observed keys, both → pairs → rules → findings.
//!
//! Every command takes what it needs from a [`Run`]; none of them knows another.

mod fleet;
mod last_migration;
mod made_anew;
mod named;
mod observe;
mod orphans;
mod packages;
mod problems;
mod read_source;
mod request;
mod scope;
mod three_way;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::baseline::{self, Asked, Sifted};
use crate::collect::{self, Facts};
use crate::compare::Comparison;
use crate::finding::Finding;
use crate::model::{DeclaredKey, KeyId, RuleId, SourceMap, Stated, TableName};
use crate::outcome::{Outcome, Problem};
use crate::rules::{self, Judged, Levels};
use crate::words::counted;
use crate::workspace::{self, Workspace};
pub use fleet::Partition;
pub(crate) use named::{instead, listed, named_tables, tables};
use observe::Sources;
pub(crate) use observe::limits;
pub(crate) use problems::{doubts, no_table, not_followed, not_seen_whole, problem_of};
pub(crate) use read_source::ReadSource;
pub use request::{CheckError, Request, Status};
pub(crate) use three_way::{name_of, not_applied};

/// All that is known, stage by stage: [`open`](Run::open) reads the code, [`observe`](Run::observe) the sources,
/// [`pair`](Run::pair) compares both and runs the rules, [`explained`](Run::explained) says who moved.
pub(crate) struct Run<'s> {
    pub(crate) request: Request,
    pub(crate) workspace: Workspace,
    /// Which packages' findings are shown, by index.
    pub(crate) shown: Vec<bool>,
    /// What the code says.
    pub(crate) facts: Facts,
    /// What the sources show.
    pub(crate) observed: Vec<ReadSource>,
    /// The databases by short name, where several are asked for by URL; else empty.
    pub(crate) databases: Vec<String>,
    pub(crate) levels: Levels,
    /// What could not be known, in the order of the stages.
    pub(crate) problems: Vec<Problem>,
    /// The declared keys on which code and source disagree, and an allowance or a level lets that pass.
    pub(crate) allowed: HashSet<KeyId>,
    /// What the migrations make, once somebody has asked.
    made: Option<Vec<ReadSource>>,
    status: RefCell<&'s mut dyn FnMut(Status)>,
}

impl<'s> Run<'s> {
    /// Workspace → declared keys.
    ///
    /// # Errors
    /// Where there is no workspace, or its configuration or the request is wrong.
    pub(crate) fn open(request: Request, status: &'s mut dyn FnMut(Status)) -> Result<Self, CheckError> {
        let workspace = workspace::load(request.manifest_path.as_deref(), request.deadline)?;
        let shown = packages::shown_packages(&request, &workspace.packages)?;
        let mut facts = code(&workspace, &HashMap::new());
        let mut problems = std::mem::take(&mut facts.problems);
        let of_fault = |fault: &String| Problem { message: fault.clone(), label: None, help: Vec::new() };
        problems.extend(workspace.faults.iter().map(of_fault));
        let levels = levels(&request, &workspace);
        Ok(Run {
            request,
            workspace,
            shown,
            facts,
            observed: Vec::new(),
            databases: Vec::new(),
            levels,
            problems,
            allowed: HashSet::new(),
            made: None,
            status: RefCell::new(status),
        })
    }

    /// Sources → observed keys.
    ///
    /// # Errors
    /// Where a source is asked for that can't be one.
    pub(crate) fn observe(&mut self) -> Result<(), CheckError> {
        let Sources { observed, databases, problems } =
            observe::observe(&self.request, &self.workspace, &named_schemas(&self.facts), &|status| {
                (self.status.borrow_mut())(status);
            })?;
        self.problems.extend(problems);
        adopt(&mut self.facts.sources, &observed);
        (self.observed, self.databases) = (observed, databases);
        made_anew::read(&self.workspace, &mut self.observed);
        Ok(())
    }

    /// Both → pairs → rules: what breaks a rule, in shown packages or not, without a word on who moved. Says what is
    /// compared, counts rows where that is asked for, and notes what could not be told. `take` takes what else a command
    /// needs of the pairs, for they are made once.
    pub(crate) fn pair<T>(&mut self, take: impl FnOnce(&Self, &[Comparison<'_>]) -> T) -> (Vec<Finding>, T) {
        let mut problems = Vec::new();
        let mut comparisons = Vec::new();
        for observed in &self.observed {
            let comparison = self.comparison(&self.facts, observed);
            self.say_compared(&comparison);
            problems.extend(problems::not_known(&comparison));
            let on_partitions = comparison.on_partitions();
            problems.extend(on_partitions.map(|declared| problems::on_partition(declared, &comparison)));
            if !comparison.sees_no_declared_table() {
                comparisons.push(comparison);
            }
        }
        if self.request.data {
            drop(comparisons);
            self.problems.append(&mut problems);
            orphans::count(self);
            comparisons = self.comparisons(&self.facts);
        }
        if self.is_asked_whole() && self.problems.is_empty() && problems.is_empty() {
            for text in scope::unused_patterns(&self.workspace, &self.facts, &self.observed) {
                self.say("Note", text);
            }
        }
        if self.facts.keys.is_empty() {
            problems.push(problems::nothing_declared(&self.facts));
        }
        problems.extend(problems::of_no_database(&self.workspace.config.databases, &self.facts));
        let judged = self.judged(&self.facts, &comparisons);
        let taken = take(self, &comparisons);
        drop(comparisons);
        self.allowed = judged.allowed;
        self.problems.append(&mut problems);
        (judged.findings, taken)
    }

    /// The same findings, each with who moved.
    ///
    /// # Errors
    /// As [`observe`](Run::observe).
    pub(crate) fn explained(&mut self, mut findings: Vec<Finding>) -> Result<Vec<Finding>, CheckError> {
        three_way::explain(self, &mut findings)?;
        Ok(findings)
    }

    /// What breaks a rule in other facts than the run's, such as edited ones.
    pub(crate) fn breaches(&self, facts: &Facts) -> Vec<Finding> {
        self.judged(facts, &self.comparisons(facts)).findings
    }

    fn judged(&self, facts: &Facts, comparisons: &[Comparison<'_>]) -> Judged {
        let judged = rules::check(facts, comparisons, &self.levels);
        Judged { findings: fleet::merge(judged.findings, comparisons, &self.databases), ..judged }
    }

    /// Takes out what the baseline knows, unless the request ignores it. An entry is stale only if everything that could
    /// match it was looked at.
    ///
    /// # Errors
    /// Where the baseline can't be read.
    pub(crate) fn sift(&self, findings: Vec<Finding>, sources: &mut SourceMap) -> Result<Sifted, CheckError> {
        if self.request.ignore_baseline {
            return Ok(Sifted { new: findings, ..Sifted::default() });
        }
        let is_whole = self.is_asked_whole() && self.problems.is_empty();
        let levels = is_whole.then_some(&self.levels);
        self.asked(|asked| Ok(baseline::apply(&self.workspace.root, findings, asked, levels, sources)?))
    }

    /// With what a baseline has to know of the run.
    pub(crate) fn asked<T>(&self, with: impl FnOnce(&Asked<'_>) -> T) -> T {
        // Rows are counted where that is asked for.
        let is_on =
            |rule: RuleId| self.levels.is_on(rule) && (self.request.data || rule != RuleId::fk_orphans);
        let root = &self.workspace.root;
        let sources =
            self.observed.iter().map(|observed| (&*observed.observation.label, observed.name_below(root)));
        with(&Asked { sources: sources.collect(), are_many: !self.databases.is_empty(), is_on: &is_on })
    }

    /// These facts beside each source; one that shows none of the declared tables is no comparison.
    pub(crate) fn comparisons<'a>(&'a self, facts: &'a Facts) -> Vec<Comparison<'a>> {
        let all = self.observed.iter().map(|observed| self.comparison(facts, observed));
        all.filter(|comparison| !comparison.sees_no_declared_table()).collect()
    }

    /// These facts beside one source, as far as the configuration has it.
    pub(crate) fn comparison<'a>(&'a self, facts: &'a Facts, observed: &'a ReadSource) -> Comparison<'a> {
        scope::comparison(&self.workspace.config, facts, observed)
    }

    /// Reads the migrations of every configured database, if that isn't done; what keeps them from being read is no matter
    /// here.
    ///
    /// # Errors
    /// As [`observe`](Run::observe).
    pub(crate) fn read_migrations(&mut self) -> Result<(), CheckError> {
        if self.made.is_none() {
            let read = observe::migrations(&self.request, &self.workspace)?;
            adopt(&mut self.facts.sources, &read);
            self.made = Some(read);
        }
        Ok(())
    }

    /// Notes of each source which migration it has seen last, where that can be known.
    pub(crate) fn date(&mut self) {
        let limits = observe::limits(&self.request, &self.workspace);
        for source in &mut self.observed {
            let directory = observe::migrations_of(&self.workspace, source.database.as_ref());
            let last = directory.and_then(|directory| last_migration::seen_by(source, &directory, &limits));
            source.observation.last_migration = last;
        }
    }

    /// What the migrations make; nothing before [`read_migrations`](Run::read_migrations).
    pub(crate) fn made(&self) -> &[ReadSource] {
        self.made.as_deref().unwrap_or_default()
    }

    /// The sources as the code says after these edits, by path.
    pub(crate) fn edited(&self, edited: &HashMap<PathBuf, String>) -> Facts {
        code(&self.workspace, edited)
    }

    /// What a run ends in that could not know.
    pub(crate) fn unknown(self) -> Outcome {
        let Facts { sources, packages, .. } = self.facts;
        Outcome { sources, packages, problems: self.problems, ..Outcome::default() }
    }

    /// A line of progress.
    pub(crate) fn say(&self, verb: &'static str, text: String) {
        (self.status.borrow_mut())(Status::Line { verb, text, verbose: false });
    }

    /// Whether every database is asked for: only then is a table known not to be there.
    fn is_asked_whole(&self) -> bool {
        self.request.databases.is_empty() && self.request.partition.is_none()
    }

    fn say_compared(&self, comparison: &Comparison<'_>) {
        let observation = comparison.observation;
        let declared = counted(comparison.pairs.len(), "declared key");
        self.say(
            "Comparing",
            format!("{declared} with the {} of {}", observation.keys.len(), observation.label),
        );
        for remark in &observation.remarks {
            self.say("Note", remark.clone());
        }
        for observed in &comparison.undeclared {
            let text = format!("`{}` → `{}` ON DELETE {}", observed.key, observed.parent, observed.on_delete);
            (self.status.borrow_mut())(Status::Line { verb: "Undeclared", text, verbose: true });
        }
    }
}

/// What the workspace's sources say, edited ones by their new texts; with what the configuration and the manifests add.
fn code(workspace: &Workspace, edited: &HashMap<PathBuf, String>) -> Facts {
    let is_known = |path: &Path| workspace.files.iter().any(|file| file.path == path);
    let is_new =
        |path: &Path| !is_known(path) && path.extension().is_some_and(|kind| kind == "rs") && !path.exists();
    let new: Vec<_> =
        edited.keys().filter(|path| is_new(path)).filter_map(|path| workspace.input(path)).collect();
    let mut files = Cow::Borrowed(&workspace.files[..]);
    if !new.is_empty() {
        files.to_mut().extend(new);
    }
    let mut facts = collect::collect_edited(workspace.packages.clone(), &files, edited);
    facts.app_turns_keys_on |= workspace.backends.bundled_sqlite;
    classify(&mut facts, workspace);
    facts
}

/// What the configuration says of rows whose annotations don't.
fn classify(facts: &mut Facts, workspace: &Workspace) {
    let class = |name: &TableName| {
        let mut patterns = workspace.config.data.iter();
        patterns.find(|(pattern, _)| pattern.matches(&name.name)).map(|(_, class)| *class)
    };
    for declared in facts.keys.iter_mut().filter(|declared| declared.data().is_none()) {
        if let (Some(value), Some(claim)) = (class(&declared.key.table), declared.claims.first_mut()) {
            claim.data = Some(Stated { value, span: claim.span });
        }
    }
    let tables = facts.tables.iter().map(|table| &table.name);
    facts.classes = tables.filter_map(|name| Some((name.clone(), class(name)?))).collect();
}

/// Takes in the files that observations point into.
fn adopt(sources: &mut SourceMap, observed: &[ReadSource]) {
    let mut known: HashSet<&Path> = HashSet::new();
    let keys = observed.iter().flat_map(|observed| &observed.observation.keys);
    for origin in keys.filter_map(|key| key.origin.as_ref()) {
        if known.insert(&origin.file.path) && sources.find(&origin.file.path).is_none() {
            sources.add(origin.file.clone());
        }
    }
}

/// The levels of the rules, as the request and the configuration set them.
fn levels(request: &Request, workspace: &Workspace) -> Levels {
    Levels {
        command_line: request.levels.clone(),
        packages: workspace.config.package_rules.clone(),
        workspace: workspace.config.rules.clone(),
        cap: request.cap,
        strict: request.strict || workspace.config.strict,
    }
}

/// The schemas that the code names.
fn named_schemas(facts: &Facts) -> HashSet<&str> {
    let tables = facts.tables.iter().map(|table| &table.name);
    let parents = facts.keys.iter().filter_map(DeclaredKey::parent).map(|parent| &parent.table);
    let children = facts.keys.iter().map(|declared| &declared.key.table);
    tables.chain(parents).chain(children).filter_map(|name| name.schema.as_deref()).collect()
}
