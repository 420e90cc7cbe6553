//! The pages of `graph` and `impact` in a real browser.

use std::path::PathBuf;

use fkcheck_tests::{SqliteFile, Workspace, billing, fkcheck};
use serde_json::json;

use super::CONTRAST;
use super::devtools::Browser;

fn page(workspace: &Workspace, arguments: &[&str]) -> PathBuf {
    let file = workspace.dir().join("page.html");
    let run = fkcheck(workspace.dir(), arguments, &[]).expect(0);
    if !run.stdout.is_empty() {
        std::fs::write(&file, run.stdout).expect("written");
    }
    file
}

/// The names of the parts of the picture that have a class.
fn names(browser: &mut Browser, selector: &str) -> Vec<String> {
    let expression =
        format!("[...document.querySelectorAll('{selector}')].map((part) => part.dataset.name).sort()");
    let names = browser.value(&expression);
    names.as_array().expect("names").iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
}

/// Presses the mouse on the middle of an element, as a person does.
fn click(browser: &mut Browser, selector: &str) {
    let place = browser.value(&format!(
        "(() => {{ const part = document.querySelector('{selector}'); part.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }}); \
         const box = part.getBoundingClientRect(); return [box.left + box.width / 2, box.top + Math.min(8, box.height / 2)]; }})()"
    ));
    for kind in ["mousePressed", "mouseReleased"] {
        let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
        browser.send("Input.dispatchMouseEvent", &event);
    }
}

/// In both schemes and at every width nothing sticks out, and all that is written can be read.
fn fits(browser: &mut Browser, name: &str) {
    for scheme in ["light", "dark"] {
        browser.media("screen", scheme);
        for width in [1280, 390, 320] {
            browser.size(width, 844);
            let wide = browser.value("document.documentElement.scrollWidth > innerWidth");
            assert_eq!(wide, false, "{name} is wider than {width}");
            if width != 320 {
                browser.picture(&format!("{name}-{scheme}-{width}"));
            }
        }
        let contrast = browser.value(CONTRAST).as_f64().expect("a number");
        assert!(contrast >= 4.5, "{contrast} in {scheme}");
    }
    browser.media("screen", "light");
}

#[test]
fn the_picture_answers() {
    let Some(mut browser) = Browser::start() else { return };
    let workspace = billing();
    let file = page(&workspace, &["graph", "-q", "-o", "page.html"]);
    browser.size(1280, 844);
    browser.open(&file);
    fits(&mut browser, "graph");
    browser.size(1280, 844);

    // A click says what a delete reaches: as `impact` does.
    click(&mut browser, ".table[data-name=organizations]");
    assert_eq!(names(&mut browser, ".table.is-chosen"), ["organizations"]);
    assert_eq!(names(&mut browser, ".table.lost"), ["batch_jobs", "pending_payments", "sessions", "users"]);
    let hit = names(&mut browser, ".edge.hit");
    assert_eq!(
        hit,
        [
            "ai_conversations.user_id",
            "batch_jobs.org_id",
            "invoices.org_id",
            "pending_payments.org_id",
            "sessions.user_id",
            "users.org_id"
        ]
    );
    let answer = browser.value("document.querySelector('.answer').innerText");
    let answer = answer.as_str().expect("text").split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "DELETE FROM organizations",
        "deletes rows of at most 4 tables",
        "nulls the columns of 1 key ai_conversations.user_id",
        "stops because of 1 key invoices.org_id while rows refer",
    ] {
        assert!(answer.contains(words), "{words}: {answer}");
    }
    browser.picture("graph-chosen");

    // What it doesn't reach is folded away, and comes back.
    click(&mut browser, ".alone input");
    let display = "getComputedStyle(document.querySelector('.table[data-name=permission_profiles]')).display";
    assert_eq!(browser.value(display), "none");
    browser.press("Escape", "");
    assert_eq!(browser.value(display), "inline");
    assert_eq!(browser.value("document.querySelector('.answer').hidden"), true);

    // By the keyboard too.
    browser.value("document.querySelector('.table[data-name=users]').focus()");
    browser.press("Enter", "\r");
    assert_eq!(names(&mut browser, ".table.is-chosen"), ["users"]);

    // Larger, smaller, whole.
    let width = "+document.querySelector('svg.graph').getAttribute('width')";
    let whole = browser.value(width).as_f64().expect("a number");
    browser.value("document.querySelector('[data-zoom=in]').click()");
    assert!(browser.value(width).as_f64().expect("a number") > whole * 1.2);
    browser.value("document.querySelector('[data-zoom=fit]').click()");
    assert!((browser.value(width).as_f64().expect("a number") - whole).abs() < 1.0);
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn tables_are_found_and_folded() {
    let Some(mut browser) = Browser::start() else { return };
    let workspace = billing();
    let file = page(&workspace, &["graph", "-q", "-o", "page.html"]);
    browser.size(390, 844);
    browser.open(&file);
    let search = |browser: &mut Browser, text: &str| {
        browser.value(&format!(
            "(() => {{ const field = document.querySelector('.tools input'); field.value = '{text}'; \
             field.dispatchEvent(new Event('input', {{ bubbles: true }})); field.focus(); }})()"
        ));
    };
    search(&mut browser, "invoice id");
    assert_eq!(names(&mut browser, ".table.found"), ["invoice_lines", "invoices", "pending_payments"]);
    assert_eq!(browser.value("document.querySelector('.tools output').textContent"), "3 of 9");
    let rows = "[...document.querySelectorAll('.entry')].filter((row) => row.checkVisibility()).length";
    assert_eq!(browser.value(rows), 3);
    browser.press("Enter", "\r");
    browser.press("Enter", "\r");
    assert_eq!(names(&mut browser, ".table.is-chosen"), ["invoices"]);
    search(&mut browser, "");
    assert_eq!(browser.value(rows), 9);

    let open = "document.querySelectorAll('.entry[open]').length";
    assert_eq!(browser.value(open), 0);
    click(&mut browser, "[data-fold=open]");
    assert_eq!(browser.value(open), 9);
    assert_eq!(browser.value("document.documentElement.scrollWidth"), 390);
    browser.picture("graph-unfolded-390");
    click(&mut browser, "[data-fold=close]");
    assert_eq!(browser.value(open), 0);
    click(&mut browser, ".entry summary");
    click(&mut browser, ".entry [data-show]");
    assert_eq!(names(&mut browser, ".table.is-chosen"), ["ai_conversations"]);
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn what_a_delete_does_as_a_page() {
    let Some(mut browser) = Browser::start() else { return };
    let workspace = billing();
    let file = page(&workspace, &["impact", "organizations", "-q", "--message-format", "html"]);
    browser.size(1280, 844);
    browser.open(&file);
    fits(&mut browser, "impact");
    let text = browser.value("document.querySelector('main').innerText");
    let text = text.as_str().expect("text");
    for words in ["DELETE FROM organizations", "rows of at most 4 tables", "sessions", "Stops", "set to NULL"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(names(&mut browser, ".table.root"), ["organizations"]);
    assert_eq!(names(&mut browser, ".table.stays"), ["ai_conversations", "invoices"]);
    // The tree is folded where something hangs below.
    assert_eq!(browser.value("document.querySelectorAll('.reach details[open]').length"), 1);
    click(&mut browser, ".reach summary");
    assert_eq!(browser.value("document.querySelectorAll('.reach details[open]').length"), 0);
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// Names that are markup or a script stay names; every table, a picture each.
#[test]
fn hostile_names_in_pictures() {
    let Some(mut browser) = Browser::start() else { return };
    let name = r#"</script><img src=x onerror=alert(1)>"'><svg onload=alert(2)>]]>-->"#;
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    let database = SqliteFile::new(&format!(
        "CREATE TABLE {quoted} (id INTEGER NOT NULL PRIMARY KEY, {quoted} INTEGER REFERENCES {quoted} ON DELETE CASCADE);
         CREATE TABLE child ({quoted} INTEGER NOT NULL REFERENCES {quoted} (id) ON DELETE CASCADE)"
    ));
    let workspace = Workspace::new();
    let url = database.url();
    for arguments in [["graph", "--format", "html"], ["impact", "--message-format", "html"]] {
        let file = page(&workspace, &[&arguments[..], &["-q", "--database-url", &url]].concat());
        browser.size(390, 844);
        browser.open(&file);
        assert_eq!(browser.value("document.querySelectorAll('img, svg[onload], main script').length"), 0);
        assert!(names(&mut browser, ".table").contains(&name.to_owned()));
        fits(&mut browser, &format!("hostile-{}", arguments[0]));
        click(&mut browser, ".table");
        assert_eq!(browser.complaints, Vec::<String>::new());
    }
}
