//! The forms of output; those that cargo has, by its names.

use std::fmt;
use std::str::FromStr;

use super::clean::Clean;
use crate::grammar::nearest;

/// What `--message-format` says. Read with [`FromStr`], which takes cargo's six names, lists of the JSON ones, and ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Format {
    /// For people, with snippets.
    #[default]
    Human,
    /// For people in a hurry: `path:line:column: error[rule]: message`.
    Short,
    /// For programs: cargo's message stream.
    Json(JsonFormat),
    /// For GitHub's runner: workflow commands, which it shows beside the lines of a pull request.
    Github,
    /// For code scanning: SARIF 2.1.0.
    Sarif,
    /// For GitLab: a Code Quality report.
    Gitlab,
    /// For whatever shows tests: JUnit's XML, a test for each declared key.
    Junit,
    /// For a job's summary: GitHub's Markdown.
    Markdown,
    /// For people: the audit as a page, one file that asks for nothing from anywhere.
    Html,
}

/// The variants of the JSON stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct JsonFormat {
    /// `rendered` holds the short form.
    pub short: bool,
    /// `rendered` holds colours.
    pub ansi: bool,
    /// The stream leaves the findings out; they are for stderr, see [`Format::on_stderr`].
    pub render_diagnostics: bool,
}

impl Format {
    /// Whether programs read it: then it is whole and on stdout (or in a file), whatever happened.
    pub fn is_for_programs(self) -> bool {
        !matches!(self, Format::Human | Format::Short)
    }

    /// The form in which findings are to be printed on stderr beside the result on stdout: `json-render-diagnostics`.
    pub fn on_stderr(self) -> Option<Format> {
        match self {
            Format::Json(JsonFormat { render_diagnostics: true, short: true, .. }) => Some(Format::Short),
            Format::Json(JsonFormat { render_diagnostics: true, .. }) => Some(Format::Human),
            _ => None,
        }
    }
}

const KINDS: [(&str, Format); 9] = [
    ("human", Format::Human),
    ("short", Format::Short),
    ("json", Format::Json(JsonFormat { short: false, ansi: false, render_diagnostics: false })),
    ("github", Format::Github),
    ("sarif", Format::Sarif),
    ("gitlab", Format::Gitlab),
    ("junit", Format::Junit),
    ("markdown", Format::Markdown),
    ("html", Format::Html),
];

const JSON_VARIANTS: [&str; 3] =
    ["json-diagnostic-short", "json-diagnostic-rendered-ansi", "json-render-diagnostics"];

fn names() -> impl Iterator<Item = &'static str> {
    KINDS.into_iter().map(|(name, _)| name).chain(JSON_VARIANTS)
}

impl FromStr for Format {
    type Err = FormatError;

    /// One name or several with commas between them; the JSON variants add up, as in cargo.
    fn from_str(list: &str) -> Result<Format, FormatError> {
        let mut format = None;
        for name in list.split(',') {
            let name = name.trim().to_ascii_lowercase();
            let kind = KINDS.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind);
            format = Some(match (kind, format) {
                (Some(kind), None) => kind,
                (None, None) => Format::Json(JsonFormat::default().with(&name)?),
                (None, Some(Format::Json(json))) => Format::Json(json.with(&name)?),
                (None, Some(_)) if !JSON_VARIANTS.contains(&&*name) => {
                    return Err(FormatError::unknown(&name));
                }
                (_, Some(_)) => return Err(FormatError::TwoKinds),
            });
        }
        Ok(format.unwrap_or_default())
    }
}

impl JsonFormat {
    fn with(mut self, variant: &str) -> Result<JsonFormat, FormatError> {
        match variant {
            "json-diagnostic-short" => self.short = true,
            "json-diagnostic-rendered-ansi" => self.ansi = true,
            "json-render-diagnostics" => self.render_diagnostics = true,
            _ => return Err(FormatError::unknown(variant)),
        }
        Ok(self)
    }
}

/// Why a `--message-format` was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormatError {
    /// No such name.
    Unknown {
        /// What was given, safe to print.
        name: String,
        /// What may have been meant.
        nearest: Option<&'static str>,
    },
    /// `human,json` and the like.
    TwoKinds,
}

impl FormatError {
    fn unknown(name: &str) -> FormatError {
        FormatError::Unknown { name: Clean::new(name).to_string(), nearest: nearest(name, names()) }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormatError::Unknown { name, nearest: Some(nearest) } => {
                write!(f, "no message format `{name}`; did you mean `{nearest}`?")
            }
            FormatError::Unknown { name, nearest: None } => {
                write!(f, "no message format `{name}`; there are {}", names().collect::<Vec<_>>().join(", "))
            }
            FormatError::TwoKinds => f.write_str("two kinds of message format can't go together"),
        }
    }
}

impl std::error::Error for FormatError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_s_names_and_lists_of_them_are_read() {
        let json = JsonFormat::default();
        for (list, format) in [
            ("human", Format::Human),
            ("Short", Format::Short),
            ("json", Format::Json(json)),
            ("sarif", Format::Sarif),
            ("json-diagnostic-short", Format::Json(JsonFormat { short: true, ..json })),
            ("json-diagnostic-rendered-ansi", Format::Json(JsonFormat { ansi: true, ..json })),
            ("json-render-diagnostics", Format::Json(JsonFormat { render_diagnostics: true, ..json })),
            (
                "json,json-diagnostic-short, json-diagnostic-rendered-ansi",
                Format::Json(JsonFormat { short: true, ansi: true, ..json }),
            ),
        ] {
            assert_eq!(list.parse(), Ok(format), "{list}");
        }
    }

    #[test]
    fn other_names_are_refused_with_the_nearest() {
        let error = |list: &str| list.parse::<Format>().unwrap_err().to_string();
        assert_eq!(error("jsn"), "no message format `jsn`; did you mean `json`?");
        assert_eq!(error("short,jsn"), "no message format `jsn`; did you mean `json`?");
        assert!(error("").starts_with("no message format ``; there are human, short, json, "));
        assert!(
            error("\u{1b}[31mpostscript").starts_with("no message format `\\u{1b}[31mpostscript`; there are")
        );
        assert_eq!(error("sarf"), "no message format `sarf`; did you mean `sarif`?");
        assert_eq!(error("json,sarif"), "two kinds of message format can't go together");
        assert_eq!(error("human,json"), "two kinds of message format can't go together");
        assert_eq!(error("short,json-diagnostic-short"), "two kinds of message format can't go together");
    }

    #[test]
    fn findings_go_to_stderr_only_where_cargo_s_do() {
        let on_stderr = |list: &str| list.parse::<Format>().unwrap().on_stderr();
        assert_eq!(on_stderr("json-render-diagnostics"), Some(Format::Human));
        assert_eq!(on_stderr("json-render-diagnostics,json-diagnostic-short"), Some(Format::Short));
        assert_eq!(on_stderr("json"), None);
        assert_eq!(on_stderr("human"), None);
    }
}
