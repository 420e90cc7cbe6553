//! The pages in `docs/rules` are the ones that `explain` prints. `FKCHECK_BLESS=1` writes them.

use std::path::Path;

use fkcheck_core::rules;

#[test]
fn the_pages_are_current() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules");
    let bless = std::env::var_os("FKCHECK_BLESS").is_some();
    let mut index = String::from("# Rules\n");
    for rule in rules::ALL {
        index.extend(["\n- [", rule.name(), "](", rule.name(), ".md): ", rule.says]);
        check(&dir.join(format!("{}.md", rule.name())), &rules::page(rule), bless);
    }
    check(&dir.join("README.md"), &(index + "\n"), bless);
}

fn check(path: &Path, page: &str, bless: bool) {
    if bless {
        std::fs::create_dir_all(path.parent().expect("docs/rules")).expect("created");
        std::fs::write(path, page).expect("written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    assert_eq!(found, page, "{} is stale: run with FKCHECK_BLESS=1", path.display());
}
