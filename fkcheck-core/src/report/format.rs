//! The forms of output; those that cargo has, by its names.

use std::fmt;
use std::str::FromStr;

use super::clean::Clean;
use crate::grammar::nearest;

/// What `--message-format` says. Read with [`FromStr`], which takes cargo's six names, lists of the JSON ones, and ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
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

const NAMES: [&str; 7] = [
    "human",
    "short",
    "json",
    "json-diagnostic-short",
    "json-diagnostic-rendered-ansi",
    "json-render-diagnostics",
    "github",
];

impl FromStr for Format {
    type Err = FormatError;

    /// One name or several with commas between them; the JSON variants add up, as in cargo.
    fn from_str(list: &str) -> Result<Format, FormatError> {
        let mut format = None;
        for name in list.split(',') {
            let name = name.trim().to_ascii_lowercase();
            match (name.as_str(), &mut format) {
                ("human", None) => format = Some(Format::Human),
                ("short", None) => format = Some(Format::Short),
                ("json", None) => format = Some(Format::Json(JsonFormat::default())),
                ("github", None) => format = Some(Format::Github),
                ("human" | "short" | "json" | "github", Some(_)) => return Err(FormatError::TwoKinds),
                (variant, None | Some(Format::Json(_))) => {
                    let mut json = match format {
                        Some(Format::Json(json)) => json,
                        _ => JsonFormat::default(),
                    };
                    match variant {
                        "json-diagnostic-short" => json.short = true,
                        "json-diagnostic-rendered-ansi" => json.ansi = true,
                        "json-render-diagnostics" => json.render_diagnostics = true,
                        _ => return Err(FormatError::unknown(&name)),
                    }
                    format = Some(Format::Json(json));
                }
                (name, Some(_)) if NAMES.contains(&name) => return Err(FormatError::TwoKinds),
                _ => return Err(FormatError::unknown(&name)),
            }
        }
        Ok(format.unwrap_or_default())
    }
}

/// Why a `--message-format` was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        FormatError::Unknown { name: Clean::new(name).to_string(), nearest: nearest(name, NAMES) }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormatError::Unknown { name, nearest: Some(nearest) } => {
                write!(f, "no message format `{name}`; did you mean `{nearest}`?")
            }
            FormatError::Unknown { name, nearest: None } => {
                write!(f, "no message format `{name}`; there are {}", NAMES.join(", "))
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
