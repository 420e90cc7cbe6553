//! Nothing that a name, a path or a file holds reaches a terminal or GitHub's runner as more than text.

use super::html::markup;
use super::outcomes::{add, finding, package};
use super::{rendered, titled};
use crate::finding::{Finding, FindingData, KeyActions, Label, Severity, Step, Suggestion, TableRef};
use crate::model::{Action, DataClass, KeyId, KeyName, RuleId, SourceKind, SourceMap, TableName};
use crate::outcome::{CheckedKey, FixMigration, Outcome, Problem, Proposal};
use crate::report::{Format, JsonFormat, Style, render_failure, render_titled};

const NAMES: [&str; 29] = [
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\",
    "\u{1b}]0;title\u{7}",
    "\u{9b}2J\u{9d}0;x\u{9c}",
    "a\r::error::overwritten",
    "a\n::error file=x.rs,line=1::injected",
    "a\r\n  ::set-output name=x::y",
    "::warning::x",
    " ::notice::x",
    "\u{a0}\u{3000}::debug::x",
    "x \u{2003}::error::x",
    "##[group]x",
    "x##[error]y",
    "###[command]rm",
    "\0nul\0",
    "\u{8}\u{8}\u{8}backspace\u{7f}",
    "safe\u{202e}txt.exe\u{202c}",
    "\u{2066}isolated\u{2069}\u{61c}\u{200e}\u{200f}",
    "a\u{2028}::error::b\u{2029}::error::c",
    "zero\u{200b}width\u{200d}\u{feff}\u{2060}\u{ad}",
    "a\u{b}::error::b\u{c}::error::c\u{85}::error::d",
    "-::error::x /::error::x \u{65e5}::error::x\u{672c} ::error::",
    ":",
    "%0A::error::x \"quoted\" \\u001b \\",
    "a|b `c` **d** _e_ | --- |",
    "</script><img src=x onerror=alert(1)>&lt;<!-- x -->",
    "]]><failure/><![CDATA[ \u{fffe}\u{ffff}",
    "[link](https://evil.example) ![x](y) https://evil.example www.evil.example",
    "@org/team a@evil.example #1 :smile: $x$",
];

/// An outcome whose every string is the same hostile one.
fn outcome(name: &str) -> Outcome {
    let mut sources = SourceMap::default();
    // A source file holds the name too, and is named by it.
    let file = add(&mut sources, name, &format!("{name}\n// {name}\n{name}.rs"));
    let rust = add(&mut sources, &format!("{name}.rs"), &format!("\u{feff}let a = \"{name}\";\r\n{name}"));
    let end = sources.file(file).text.len();
    let label = |file, range| Label { span: sources.span(file, range), text: name.to_owned() };
    let table = || Some(TableRef { table: TableName::qualified(name, name), columns: vec![name.to_owned()] });
    let actions = || {
        Some(KeyActions { on_delete: Some(Action::SetNull(vec![name.to_owned()])), ..KeyActions::default() })
    };
    let finding = Finding {
        secondary: vec![
            label(rust, 3..8),
            label(file, end..end),
            label(rust, 0..sources.file(rust).text.len()),
        ],
        notes: vec![name.to_owned(), format!("note of some words before {name} and after {name}")],
        help: vec![name.to_owned().into()],
        suggestions: vec![Suggestion {
            message: name.to_owned(),
            span: label(rust, 4..5).span,
            replacement: name.to_owned(),
        }],
        data: FindingData {
            is_one_of_several: false,
            section: None,
            child: table(),
            parent: table(),
            declared: actions(),
            observed: actions(),
            source: Some(SourceKind::Database),
            constraint: Some(name.to_owned()),
            source_label: Some(name.to_owned()),
            moved: None,
            databases: vec![name.to_owned()],
            ways: table()
                .zip(table())
                .into_iter()
                .map(|(child, parent)| {
                    vec![Step { child, parent, on_delete: Action::SetNull(vec![name.to_owned()]) }]
                })
                .collect(),
            function: None,
            keys: Vec::new(),
            further_up: vec![name.to_owned(), name.to_owned()],
            class: Some(DataClass::Audit),
            change_advice: Some("rebuild it"),
        },
        ..finding(&format!("{name} {name}"), label(file, 0..end.min(3)))
    };
    let mut package = package();
    name.clone_into(&mut package.name);
    package.id = name.to_owned();
    package.manifest_path = name.into();
    package.targets[0].name = name.to_owned();
    package.targets[0].kind = vec![name.to_owned()];
    package.targets[0].src_path = name.into();
    let problem = |label| Problem { message: name.to_owned(), label, help: vec![name.to_owned()] };
    let problems = vec![problem(Some(label(file, 0..1))), problem(None)];
    let root = "/ws".into();
    let key = |columns| CheckedKey {
        id: KeyId { key: KeyName { table: TableName::qualified(name, name), columns }, parent: None },
        place: finding.primary.span,
        package: 0,
        compared: false,
    };
    let keys = vec![key(vec![name.to_owned()]), key(vec![name.to_owned(), name.to_owned()])];
    let warning = Finding { severity: Severity::Warn, data: FindingData::default(), ..finding.clone() };
    let other = Finding { rule: RuleId::fk_missing_index, ..finding.clone() };
    let migration = FixMigration {
        name: name.to_owned(),
        up: format!("SELECT 1; -- {name}\n{name}\n"),
        down: format!("{name}\n"),
        run_in_transaction: true,
    };
    let proposal = |migrations| Proposal {
        keys: vec![keys[0].id.key.clone()],
        section: Some(name.to_owned()),
        migrations,
    };
    let proposals = vec![proposal(Ok(vec![migration])), proposal(Err(name.to_owned()))];
    Outcome {
        keys,
        findings: vec![finding, warning, other],
        problems,
        proposals,
        packages: vec![package],
        sources,
        root,
        ..Outcome::default()
    }
}

const JSON: Format = Format::Json(JsonFormat { short: false, ansi: false, render_diagnostics: false });
const JSON_ANSI: Format = Format::Json(JsonFormat { short: false, ansi: true, render_diagnostics: false });
const JSON_SHORT: Format = Format::Json(JsonFormat { short: true, ansi: false, render_diagnostics: false });

#[test]
fn hostile_text_stays_text_in_every_format() {
    let mut lines = 0;
    for name in NAMES {
        for format in [
            Format::Human,
            Format::Short,
            JSON,
            JSON_ANSI,
            JSON_SHORT,
            Format::Sarif,
            Format::Gitlab,
            Format::Junit,
            Format::Markdown,
            Format::Html,
        ] {
            for color in [false, true] {
                for (width, unicode) in [(20, true), (40, false), (100, true)] {
                    let style = Style { color, unicode, hyperlinks: false, width };
                    let mut text = rendered(&outcome(name), format, &style).into_bytes();
                    render_titled(&outcome(name), name, format, &style, &mut text).unwrap();
                    render_failure(name, Some(name), format, &style, &mut text).unwrap();
                    let text = String::from_utf8(text).unwrap();
                    let colored = color && matches!(format, Format::Human | Format::Short);
                    lines += assert_harmless(&text, colored, name);
                }
            }
        }
    }
    assert!(lines > 10_000, "only {lines} lines were looked at");
}

/// The runner obeys the commands that are ours, and reads in them what we say.
#[test]
fn hostile_text_makes_no_command_beside_ours() {
    for name in NAMES {
        let mut text = rendered(&outcome(name), Format::Github, &Style::PLAIN).into_bytes();
        render_failure(name, Some(name), Format::Github, &Style::PLAIN, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_no_raw_controls(&text, name);
        let (commands, others): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| line.starts_with("::error ") || line.starts_with("::warning "));
        assert_eq!((commands.len(), others.len()), (6, 1), "{text}");
        assert_harmless(others[0], false, name);
        for command in commands {
            assert_eq!(runner_command_v1(command), None, "from {name:?}: {command:?}");
            let (properties, message) = runner_command(command);
            assert!(properties.iter().all(|(_, value)| !value.contains('\n')), "{properties:?}");
            for line in message.lines() {
                assert_harmless(line, false, name);
            }
            let names: Vec<&str> = properties.iter().map(|(name, _)| name.as_str()).collect();
            let place = ["file", "line", "endLine"];
            match &names[..] {
                ["title"] => {}
                [a, b, c, "title"] | [a, b, c, "col", "endColumn", "title"] => {
                    assert_eq!([*a, *b, *c], place);
                }
                other => panic!("from {name:?}: {other:?}"),
            }
        }
    }
}

/// What the JSON decodes to is shown by editors and tools: there, too.
#[test]
fn what_json_shows_to_people_is_harmless_when_decoded() {
    for name in NAMES {
        for (format, colored) in [(JSON, false), (JSON_ANSI, true), (JSON_SHORT, false)] {
            let stream = rendered(&outcome(name), format, &Style::PLAIN);
            for line in stream.lines() {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                if let Some(message) = line.get("message") {
                    assert_shown_is_harmless(message, colored, name);
                    assert_harmless(message["rendered"].as_str().unwrap(), colored, name);
                }
            }
        }
    }
}

#[test]
fn what_documents_show_to_people_is_harmless_when_decoded() {
    for name in NAMES {
        for format in [Format::Sarif, Format::Gitlab] {
            let mut failure = Vec::new();
            render_failure(name, Some(name), format, &Style::PLAIN, &mut failure).unwrap();
            for document in
                [rendered(&outcome(name), format, &Style::PLAIN), String::from_utf8(failure).unwrap()]
            {
                let document: serde_json::Value = serde_json::from_str(&document).unwrap();
                assert_prose_is_harmless(&document, name);
            }
        }
    }
}

/// The elements of the XML are ours, and what they hold is harmless when decoded.
#[test]
fn hostile_text_stays_text_in_xml() {
    let elements = |text: &str, name: &str| {
        let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let mut elements = Vec::new();
        for node in document.descendants() {
            assert!(!node.is_comment() && !node.is_pi());
            assert_harmless(node.text().unwrap_or_default(), false, name);
            let attributes = node.attributes().map(|attribute| {
                assert_harmless(attribute.value(), false, name);
                attribute.name().to_owned()
            });
            elements.push((node.tag_name().name().to_owned(), attributes.collect::<Vec<_>>()));
        }
        elements
    };
    let both = |name: &str| {
        let mut failure = Vec::new();
        render_failure(name, Some(name), Format::Junit, &Style::PLAIN, &mut failure).unwrap();
        let whole = rendered(&outcome(name), Format::Junit, &Style::PLAIN);
        (elements(&whole, name), elements(&String::from_utf8(failure).unwrap(), name))
    };
    let structure = both("harmless name");
    for name in NAMES {
        assert_eq!(both(name), structure, "from {name:?}");
    }
}

/// Nothing in the finished page is a tag, a link, code or a cell of a name's making, or a mention.
#[test]
fn hostile_text_stays_text_on_a_page() {
    let (_, structure) = page(&rendered(&outcome("harmless name"), Format::Markdown, &Style::PLAIN));
    for name in NAMES {
        let text = rendered(&outcome(name), Format::Markdown, &Style::PLAIN);
        let (html, tags) = page(&text);
        assert_eq!(tags, structure, "from {name:?}: {html}");
        let mut failure = Vec::new();
        render_failure(name, Some(name), Format::Markdown, &Style::PLAIN, &mut failure).unwrap();
        let failure = String::from_utf8(failure).unwrap();
        let (html, mut tags) = page(&failure);
        tags.retain(|tag| tag != "<br>" && tag != "<!-- -->");
        assert_eq!(tags, ["<h1>", "</h1>", "<p>", "</p>", "<p>", "</p>"], "from {name:?}: {html}");
        for text in [text, failure] {
            let foreign = text.replace(super::super::human::RULES_URL, "");
            for sign in ["://", "www.", "@", ":smile", " #1"] {
                assert!(!foreign.contains(sign), "{sign} from {name:?}: {foreign}");
            }
        }
    }
}

/// A release note is Markdown of the same structure, whatever its names.
#[test]
fn hostile_text_stays_text_in_a_release_note() {
    // A block of code and the remark that it isn't shown exactly may come and go with the name.
    let structure = |name: &str| {
        let (html, tags) = page(&titled(&outcome(name), name, Format::Markdown));
        let tags = tags.into_iter().filter(|tag| !["<p>", "</p>"].contains(&&**tag)).collect::<Vec<_>>();
        (html, tags)
    };
    let (_, expected) = structure("harmless name");
    for name in NAMES {
        let (html, tags) = structure(name);
        assert_eq!(tags, expected, "from {name:?}: {html}");
        let note = titled(&outcome(name), name, Format::Markdown);
        let marker = "<!-- db-audit:kind=fk_on_delete_mismatch -->";
        assert_eq!(note.lines().filter(|line| *line == marker).count(), 1, "{note}");
    }
}

/// The elements and attributes of the page are ours, and what they hold is harmless.
#[test]
fn hostile_text_stays_text_in_html() {
    let elements = |page: &str, name: &str| {
        let markup = markup(page);
        let document =
            roxmltree::Document::parse(&markup).unwrap_or_else(|error| panic!("{error}: {markup}"));
        let mut elements = Vec::new();
        for node in document.descendants().filter(|node| !node.has_tag_name("code") && !node.is_text()) {
            assert!(!node.is_comment() && !node.is_pi());
            assert_harmless(node.text().unwrap_or_default(), false, name);
            let attributes = node.attributes().map(|attribute| {
                assert_harmless(attribute.value(), false, name);
                attribute.name().to_owned()
            });
            elements.push((node.tag_name().name().to_owned(), attributes.collect::<Vec<_>>()));
        }
        // As above; a name may be broken at its dots.
        elements.retain(|(element, _)| !["p", "wbr"].contains(&&**element));
        elements
    };
    let both = |name: &str| {
        let mut failure = Vec::new();
        render_failure(name, Some(name), Format::Html, &Style::PLAIN, &mut failure).unwrap();
        let failure = elements(&String::from_utf8(failure).unwrap(), name);
        let failure = failure.into_iter().filter(|(element, _)| element != "br").collect::<Vec<_>>();
        (elements(&titled(&outcome(name), name, Format::Html), name), failure)
    };
    let structure = both("harmless name");
    for name in NAMES {
        assert_eq!(both(name), structure, "from {name:?}");
    }
}

/// The page that Markdown makes, and its tags. Text in it holds no `<`. Code and comments are where names are plain.
fn page(markdown: &str) -> (String, Vec<String>) {
    let mut html = String::new();
    let events = pulldown_cmark::Parser::new_ext(markdown, pulldown_cmark::Options::ENABLE_TABLES);
    pulldown_cmark::html::push_html(&mut html, events);
    let tags = html.split('<').skip(1).map(|rest| format!("<{}>", rest.split_once('>').unwrap().0));
    let tags = tags.filter(|tag| !["<code>", "</code>", "<!-- -->"].contains(&&**tag)).collect();
    (html, tags)
}

/// Members for people: the text of messages, descriptions. A replacement is for programs.
fn assert_prose_is_harmless(value: &serde_json::Value, name: &str) {
    match value {
        serde_json::Value::Array(items) => {
            for item in items {
                assert_prose_is_harmless(item, name);
            }
        }
        serde_json::Value::Object(members) => {
            for (member, value) in members {
                match (member.as_str(), value.as_str()) {
                    ("insertedContent", _) => {}
                    ("text" | "description", Some(text)) => {
                        assert_harmless(text, false, name);
                        assert!(member != "text" || !text.contains("]("), "a link in SARIF: {text}");
                    }
                    _ => assert_prose_is_harmless(value, name),
                }
            }
        }
        _ => {}
    }
}

/// Messages, labels and source text of a diagnostic and its children.
fn assert_shown_is_harmless(diagnostic: &serde_json::Value, colored: bool, name: &str) {
    assert_harmless(diagnostic["message"].as_str().unwrap(), colored, name);
    for span in diagnostic["spans"].as_array().unwrap() {
        assert_harmless(span["label"].as_str().unwrap_or_default(), false, name);
        for line in span["text"].as_array().unwrap() {
            assert_no_raw_controls(line["text"].as_str().unwrap(), name);
        }
    }
    for child in diagnostic["children"].as_array().unwrap() {
        assert_shown_is_harmless(child, colored, name);
    }
}

/// Programs get names and replacements exactly.
#[test]
fn json_names_read_back_exactly() {
    for name in NAMES {
        let stream = rendered(&outcome(name), JSON, &Style::PLAIN);
        let first: serde_json::Value = serde_json::from_str(stream.lines().next().unwrap()).unwrap();
        assert_eq!(first["fkcheck"]["child"]["table"], name);
        assert_eq!(first["fkcheck"]["constraint"], name);
        assert_eq!(first["message"]["spans"][0]["file_name"], name);
        let children = first["message"]["children"].as_array().unwrap();
        assert_eq!(children[3]["spans"][0]["suggested_replacement"], name);
    }
}

/// Looks at every line; returns how many there were.
fn assert_harmless(text: &str, colored: bool, name: &str) -> usize {
    let text = if colored { without_our_colours(text) } else { text.to_owned() };
    assert_no_raw_controls(&text, name);
    for line in text.lines() {
        assert_eq!(runner_command_v2(line), None, "from {name:?}: {line:?}");
        assert_eq!(runner_command_v1(line), None, "from {name:?}: {line:?}");
        assert!(!line.trim_start().starts_with("::"), "from {name:?}: {line:?}");
    }
    text.lines().count()
}

/// The list is written out here, apart from the one that is tested.
fn assert_no_raw_controls(text: &str, name: &str) {
    let raw = text.chars().find(|&c| {
        (c < ' ' && c != '\n' && c != '\t')
            || ('\u{7f}'..='\u{9f}').contains(&c)
            || "\u{61c}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\
                \u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}\u{ad}"
                .contains(c)
    });
    assert_eq!(raw, None, "from {name:?} in {text:?}");
}

/// Takes out `ESC [ digits ; .. m`, and nothing else.
fn without_our_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(after.len());
        assert!(after[end..].starts_with('m'), "an escape sequence that is no colour: {after:?}");
        plain.push_str(before);
        rest = &after[end + 1..];
    }
    plain + rest
}

/// `ActionCommand.TryParseV2` of GitHub's runner, but for any command name.
fn runner_command_v2(line: &str) -> Option<String> {
    let message = line.trim_start();
    let after = message.strip_prefix("::")?;
    let info = &after[..after.find("::")?];
    Some(info.split(' ').next().unwrap_or_default().to_owned())
}

/// The properties and the message of a command, decoded as the runner decodes them.
pub(super) fn runner_command(line: &str) -> (Vec<(String, String)>, String) {
    let (info, message) = line.trim_start().strip_prefix("::").unwrap().split_once("::").unwrap();
    let decode = |text: &str| {
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%25", "%")
    };
    let properties = info.split_once(' ').unwrap().1.split(',').map(|property| {
        let (name, value) = property.split_once('=').unwrap();
        (name.to_owned(), decode(value))
    });
    let message = message.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    (properties.collect(), message)
}

/// `ActionCommand.TryParse` of GitHub's runner, but for any command name.
fn runner_command_v1(line: &str) -> Option<String> {
    let after = &line[line.find("##[")? + "##[".len()..];
    let info = &after[..after.find(']')?];
    Some(info.split(' ').next().unwrap_or_default().to_owned())
}

#[test]
fn the_runner_s_parsers_see_commands() {
    assert_eq!(runner_command_v2("  ::error file=a.rs::x"), Some("error".to_owned()));
    assert_eq!(runner_command_v2("\u{3000}::group::x"), Some("group".to_owned()));
    assert_eq!(runner_command_v2("a ::error::x"), None);
    assert_eq!(runner_command_v1("a ##[group]x"), Some("group".to_owned()));
    assert_eq!(runner_command_v1("a #[group]x"), None);
}
