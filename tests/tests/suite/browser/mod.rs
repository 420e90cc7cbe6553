//! The HTML report in a real browser.

mod devtools;
mod pictures;

use std::path::PathBuf;

use devtools::Browser;
use fkcheck_core::model::{KeyName, TableName};
use fkcheck_core::outcome::{FixMigration, Outcome, Proposal};
use fkcheck_core::report::{self, Format, Style};
use fkcheck_tests::{Workspace, billing, fkcheck};

/// The report on a workspace, in a file.
fn report(workspace: &Workspace, code: i32) -> PathBuf {
    let arguments = ["--message-format", "html", "--output", "report.html"];
    let _ = fkcheck(workspace.dir(), &arguments, &[]).expect(code);
    workspace.dir().join("report.html")
}

/// The text of a column of the table, of the rows that are seen.
fn column(browser: &mut Browser, number: usize) -> Vec<String> {
    let expression = format!(
        "[...document.querySelectorAll('.findings tbody tr')].filter((row) => row.checkVisibility())\
         .map((row) => row.cells[{number}].textContent)"
    );
    let texts = browser.value(&expression);
    texts.as_array().expect("texts").iter().map(|text| text.as_str().expect("text").to_owned()).collect()
}

const KEY: usize = 2;

#[test]
fn the_report_in_a_browser() {
    let Some(mut browser) = Browser::start() else { return };
    let workspace = billing();
    let file = report(&workspace, 1);
    browser.size(1200, 900);
    browser.open(&file);
    browser.picture("light");

    // Sorted by a click, and by the keyboard.
    let found = column(&mut browser, KEY);
    assert_eq!(
        found,
        ["batch_jobs.org_id", "pending_payments.org_id", "ai_conversations.permission_profile_id"]
    );
    let head = format!("document.querySelectorAll('.findings th')[{KEY}]");
    browser.value(&format!("{head}.querySelector('button').click()"));
    let mut sorted = found.clone();
    sorted.sort();
    assert_eq!(column(&mut browser, KEY), sorted);
    assert_eq!(browser.value(&format!("{head}.getAttribute('aria-sort')")), "ascending");
    browser.value(&format!("{head}.querySelector('button').focus()"));
    browser.press("Enter", "\r");
    sorted.reverse();
    assert_eq!(column(&mut browser, KEY), sorted);
    assert_eq!(browser.value(&format!("{head}.getAttribute('aria-sort')")), "descending");
    assert_eq!(browser.value("document.querySelectorAll('[aria-sort]').length"), 1);

    // Filtered by text and by what a list offers.
    let filter = |browser: &mut Browser, field: &str, value: &str, event: &str| {
        browser.value(&format!(
            "(() => {{ const field = document.querySelector('.filter {field}'); field.value = '{value}'; \
             field.dispatchEvent(new Event('{event}', {{ bubbles: true }})); }})()"
        ));
        column(browser, KEY).len()
    };
    assert_eq!(filter(&mut browser, "input", "CASCADE payments", "input"), 1);
    assert_eq!(browser.value("document.querySelector('.filter output').textContent"), "1 of 3");
    assert_eq!(filter(&mut browser, "input", "nowhere", "input"), 0);
    assert_eq!(filter(&mut browser, "input", "", "input"), 3);
    assert_eq!(filter(&mut browser, "select", "error", "change"), 3);
    assert_eq!(filter(&mut browser, "select + select", "fk_on_delete_mismatch", "change"), 3);
    assert_eq!(filter(&mut browser, "select + select", "", "change"), 3);

    looks_right(&mut browser, 3);
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// In both schemes and at every width the picture is there and the page is no wider than the window.
fn looks_right(browser: &mut Browser, edges: usize) {
    let mut colours = Vec::new();
    for scheme in ["light", "dark"] {
        browser.media("screen", scheme);
        for width in [1600, 1200, 800, 600, 360, 320] {
            browser.size(width, 900);
            assert_eq!(browser.value("document.querySelectorAll('svg.graph .edge').length"), edges);
            assert!(
                browser.is_true(
                    "[...document.querySelectorAll('svg.graph, svg.graph .edge')].every((part) => { const box = \
                     part.getBoundingClientRect(); return box.width > 30 && box.height > 5; })"
                ),
                "the picture has no size at {width}"
            );
            let wide = browser.value(
                "document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll('main *')]\
                 .filter((part) => part.getBoundingClientRect().right > innerWidth).map((part) => part.outerHTML.slice(0, 99)) : null",
            );
            assert!(wide.is_null(), "wider than {width}: {wide:#}");
            if width == 360 || width == 1200 {
                browser.picture(&format!("{scheme}-{width}"));
            }
        }
        let colour = "getComputedStyle(document.querySelector('.flow')).stroke + \
                      getComputedStyle(document.body).backgroundColor";
        colours.push(browser.value(colour));
        // What is written can be read: 4.5 is what WCAG asks for.
        let contrast = browser.value(CONTRAST).as_f64().expect("a number");
        assert!(contrast >= 4.5, "{contrast} in {scheme}");
    }
    assert_ne!(colours[0], colours[1]);
    browser.media("print", "light");
    browser.size(800, 900);
    assert!(browser.is_true("!document.querySelector('.filter').checkVisibility()"));
}

/// The least contrast of a text with what is behind it.
const CONTRAST: &str = r"(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).map((part) => part / 255)
      .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (part) => {
    for (; part; part = part.parentElement) {
      const rect = part.matches('text.mark') ? part.previousElementSibling
        : part.matches('g.table') ? part.querySelector('rect') : null;
      const colour = rect ? getComputedStyle(rect).fill : getComputedStyle(part).backgroundColor;
      if (!colour.startsWith('rgba') && colour !== 'transparent') return light(colour);
    }
    return 1;
  };
  let least = 21;
  for (const part of document.querySelectorAll('body *')) {
    const isText = [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!isText || !part.checkVisibility() || part.matches('script, style, title, option')) continue;
    const style = getComputedStyle(part);
    const [a, b] = [light(part.matches('svg text') ? style.fill : style.color), behind(part)].sort((a, b) => b - a);
    least = Math.min(least, (a + 0.05) / (b + 0.05));
  }
  return least;
})()";

#[test]
fn without_scripts_the_page_is_whole() {
    let Some(mut browser) = Browser::start() else { return };
    let workspace = billing();
    let file = report(&workspace, 1);
    browser.scripts(false);
    browser.size(1200, 900);
    browser.open(&file);
    assert_eq!(column(&mut browser, KEY).len(), 3);
    assert!(
        browser
            .is_true("[...document.querySelectorAll('button')].every((button) => !button.checkVisibility())")
    );
    assert!(browser.is_true("!document.querySelector('.filter').checkVisibility()"));
    let text = browser.value("document.querySelector('main').innerText");
    for word in ["Sanity check first", "Decision tree", "NO ACTION", "silently deletes its rows"] {
        assert!(text.as_str().expect("text").contains(word), "{word}");
    }
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// SQL is copied as it is.
#[test]
fn sql_is_copied() {
    let Some(mut browser) = Browser::start() else { return };
    let up = "ALTER TABLE \"a<b>&amp;\"\n    DROP CONSTRAINT x;\n";
    let migration = FixMigration {
        name: "align_posts_author_id".to_owned(),
        up: up.to_owned(),
        down: "SELECT 1;\n".to_owned(),
        run_in_transaction: true,
    };
    let key = KeyName { table: TableName::bare("posts"), columns: vec!["author_id".to_owned()] };
    let proposals = vec![Proposal { keys: vec![key], section: None, migrations: Ok(vec![migration]) }];
    let outcome = Outcome { proposals, ..Outcome::default() };
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("report.html");
    let mut page = Vec::new();
    report::render(&outcome, Format::Html, &Style::PLAIN, &mut page).expect("rendered");
    std::fs::write(&file, page).expect("written");

    browser.allow_clipboard();
    browser.size(800, 900);
    browser.open(&file);
    browser.picture("sql");
    browser.value("document.querySelector('.sql button').click()");
    let copied = "new Promise((done) => setTimeout(() => navigator.clipboard.readText().then(done), 200))";
    assert_eq!(browser.value(copied), up.trim_end());
    assert_eq!(browser.value("document.querySelector('.sql button').textContent"), "Copied");
    assert_eq!(browser.value("document.querySelectorAll('.sql button').length"), 2);
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// A name that is markup or a script stays a name, and an error makes a page too.
#[test]
fn hostile_names_run_nothing() {
    let Some(mut browser) = Browser::start() else { return };
    let name = r#"</script><img src=x onerror=alert(1)>"'><svg onload=alert(2)>]]>--> "#;
    let models = format!(
        "diesel::table! {{ users (id) {{ id -> Integer, }} }}
diesel::table! {{
    #[sql_name = {name:?}]
    odd (id) {{ id -> Integer, #[sql_name = {name:?}] user_id -> Integer, }}
}}
#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = odd)]
pub struct Odd {{
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict)]
    pub user_id: i32,
}}
"
    );
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    let database = fkcheck_tests::SqliteFile::new(&format!(
        "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
         CREATE TABLE {quoted} (id INTEGER NOT NULL PRIMARY KEY, {quoted} INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE)"
    ));
    let workspace = Workspace::new().file("src/models.rs", &models);
    let title = format!("--title={name}");
    let arguments = ["--message-format", "html", "--output", "report.html", title.as_str()];
    let url = database.url();
    let _ = fkcheck(workspace.dir(), &arguments, &[("DATABASE_URL", &url)]).expect(1);
    browser.size(360, 900);
    browser.open(&workspace.dir().join("report.html"));
    assert_eq!(browser.value("document.title"), name.trim());
    assert_eq!(browser.value("document.querySelectorAll('img, svg[onload], main script').length"), 0);
    assert_eq!(column(&mut browser, KEY), [format!("{name}.{name}")]);
    browser.picture("hostile");
    looks_right(&mut browser, 1);

    let failed = ["--message-format", "html", "--output", "failed.html", "--manifest-path", "<b>none</b>"];
    let _ = fkcheck(workspace.dir(), &failed, &[]).expect(2);
    browser.open(&workspace.dir().join("failed.html"));
    assert_eq!(browser.value("document.querySelectorAll('main b').length"), 0);
    assert!(browser.is_true("document.querySelector('main').textContent.includes('<b>none</b>')"));
    assert_eq!(browser.complaints, Vec::<String>::new());
}
