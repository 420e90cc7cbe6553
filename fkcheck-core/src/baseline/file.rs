//! The file: TOML, sorted, a table an entry, reasons kept.

use std::collections::HashMap;
use std::ops::Range;

use toml_edit::{ArrayOfTables, Document, DocumentMut, Item, Table, value};

use super::{Asked, Fingerprint};
use crate::finding::{Finding, Severity};
use crate::grammar::nearest;

/// The entries of a baseline file.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// In the order of the file.
    pub entries: Vec<Entry>,
}

/// One known finding.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which finding it is.
    pub fingerprint: Fingerprint,
    /// Where it was seen: `code`, `migrations`, `snapshot`, a database by its place, or `databases`. `None`: an older file.
    pub source: Option<String>,
    /// Why it is accepted for now, in the team's words.
    pub reason: String,
    /// Where it stands in the file, in bytes.
    pub span: Range<usize>,
}

/// Why a baseline file can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineFault {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes; `None`: the file as a whole.
    pub span: Option<Range<usize>>,
}

const KEYS: [&str; 7] = ["about", "database", "declared", "observed", "reason", "rule", "source"];

const HEADER: &str = "\
# Findings that are known and wait for their turn: `cargo fkcheck` fails on new ones only. An entry that no longer occurs
# in the source where it was seen fails until `cargo fkcheck baseline --prune` removes it. Say under `reason` why a finding may stay, and until when.
";

impl Baseline {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, BaselineFault> {
        let document = Document::parse(text.to_owned())
            .map_err(|error| BaselineFault { message: error.message().to_owned(), span: error.span() })?;
        let mut entries = Vec::new();
        for (key, item) in document.iter() {
            match item.as_array_of_tables() {
                Some(tables) if key == "finding" => {
                    for table in tables {
                        entries.push(entry(table)?);
                    }
                }
                _ => {
                    let message = format!("`{key}` is not known in a baseline; entries are `[[finding]]`");
                    return Err(BaselineFault { message, span: item.span() });
                }
            }
        }
        Ok(Baseline { entries })
    }

    /// The entries for these findings, each with its source, beside those that stay: whatever is not among `gone`.
    #[must_use]
    pub(crate) fn with(&self, findings: &[Finding], gone: &[usize], asked: &Asked<'_>) -> Self {
        let mut entries = self.without(findings, gone, asked).entries;
        for finding in findings.iter().filter(|finding| finding.severity != Severity::Note) {
            let fingerprint = Fingerprint::of(finding);
            let source = Some(asked.source_of(finding));
            let known: Vec<&Entry> =
                entries.iter().filter(|entry| entry.fingerprint == fingerprint).collect();
            if known.iter().any(|entry| entry.source == source) {
                continue;
            }
            let reason = known.first().map(|entry| entry.reason.clone()).unwrap_or_default();
            entries.push(Entry { fingerprint, source, reason, span: 0..0 });
        }
        entries.sort_by(|left, right| {
            (&left.fingerprint, &left.source).cmp(&(&right.fingerprint, &right.source))
        });
        Baseline { entries }
    }

    /// The entries that are not among `gone`; those of an older file learn where they were seen.
    #[must_use]
    pub(crate) fn without(&self, findings: &[Finding], gone: &[usize], asked: &Asked<'_>) -> Self {
        let seen: HashMap<Fingerprint, String> =
            findings.iter().map(|finding| (Fingerprint::of(finding), asked.source_of(finding))).collect();
        let kept = self.entries.iter().enumerate().filter(|(index, _)| !gone.contains(index));
        let entries = kept.map(|(_, entry)| Entry {
            source: entry.source.clone().or_else(|| seen.get(&entry.fingerprint).cloned()),
            ..entry.clone()
        });
        Baseline { entries: entries.collect() }
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let mut tables = ArrayOfTables::new();
        for Entry { fingerprint, source, reason, .. } in &self.entries {
            let mut table = Table::new();
            table.insert("rule", value(&fingerprint.rule));
            table.insert("about", value(&fingerprint.about));
            for (key, text) in [
                ("declared", fingerprint.declared.as_str()),
                ("observed", &fingerprint.observed),
                ("database", &fingerprint.database),
                ("source", source.as_deref().unwrap_or_default()),
            ] {
                if !text.is_empty() {
                    table.insert(key, value(text));
                }
            }
            table.insert("reason", value(reason));
            tables.push(table);
        }
        let mut document = DocumentMut::new();
        if !tables.is_empty() {
            document.insert("finding", Item::ArrayOfTables(tables));
        }
        format!("{HEADER}{}{document}", if document.is_empty() { "" } else { "\n" })
    }
}

fn entry(table: &Table) -> Result<Entry, BaselineFault> {
    for (key, item) in table {
        if !KEYS.contains(&key) {
            let advice = match nearest(key, KEYS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known: {}", KEYS.join(", ")),
            };
            return Err(BaselineFault {
                message: format!("unknown key `{key}`; {advice}"),
                span: item.span(),
            });
        }
        if !item.is_str() {
            return Err(BaselineFault { message: format!("`{key}` takes a string"), span: item.span() });
        }
    }
    let text = |key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
    let fingerprint = Fingerprint {
        rule: text("rule"),
        about: text("about"),
        declared: text("declared"),
        observed: text("observed"),
        database: text("database"),
    };
    if fingerprint.rule.is_empty() || fingerprint.about.is_empty() {
        return Err(BaselineFault {
            message: "an entry needs `rule` and `about`".to_owned(),
            span: table.span(),
        });
    }
    let source = Some(text("source")).filter(|source| !source.is_empty());
    Ok(Entry { fingerprint, source, reason: text("reason"), span: table.span().unwrap_or(0..0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stay_when_entries_do() {
        let text = "[[finding]]\nrule = \"a\"\nabout = \"a.b\"\nobserved = \"ON DELETE CASCADE\"\nreason = \"next week\"\n\
                    [[finding]]\nrule = \"b\"\nabout = \"c.\\\"d\\\"\"\n";
        let baseline = Baseline::parse(text).expect("it reads");
        assert_eq!(baseline.entries.len(), 2);
        let asked = Asked { sources: HashMap::new(), are_many: false, is_on: &|_| true };
        let without = |gone: &[usize]| baseline.without(&[], gone, &asked).text();
        let kept = Baseline::parse(&without(&[1])).expect("it reads again");
        assert_eq!(kept.entries.len(), 1);
        assert_eq!(kept.entries[0].reason, "next week");
        assert_eq!(kept.entries[0].fingerprint, baseline.entries[0].fingerprint);
        assert_eq!(Baseline::parse(&without(&[0, 1])).expect("empty").entries.len(), 0);
    }

    #[test]
    fn slips_are_named() {
        for (text, message) in [
            ("[[finding]]\nrul = \"x\"", "did you mean `rule`?"),
            ("[[finding]]\nrule = 1", "`rule` takes a string"),
            ("[[finding]]\nrule = \"x\"", "needs `rule` and `about`"),
            ("[[findings]]\nrule = \"x\"", "entries are `[[finding]]`"),
            ("[[finding]", "invalid"),
        ] {
            let fault = Baseline::parse(text).expect_err(text);
            assert!(fault.message.contains(message) || message == "invalid", "{fault:?}");
        }
    }
}
