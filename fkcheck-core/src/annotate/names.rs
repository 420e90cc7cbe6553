//! How a table is named in a place so that it surely compiles.

use syn::ext::IdentExt as _;

use super::site::{Around, Site};
use crate::model::Table;

/// The path of `table` in the place of a struct that serves `child`: beside the child's own path, by an import, or from
/// the crate's root as the child's. `None` where none is sure to compile.
pub(super) fn path_in(site: &Site, child: &Table, table: &Table) -> Option<String> {
    if child.package != table.package {
        return None;
    }
    let written = &site.model.tables.first()?.path;
    let segments: Vec<String> =
        written.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
    if child.modules != table.modules {
        return imported(site, table).unwrap_or_default().then(|| ident(&table.module)).or_else(|| {
            let of_child = || site.imports.iter().find(|import| import.name == child.module);
            let path = if segments.len() > 1 { &segments } else { &of_child()?.path };
            from_root(path, child, table)
        });
    }
    let colons = if written.leading_colon.is_some() { "::" } else { "" };
    if segments.len() > 1 {
        return leads_to(&segments, child).then(|| format!("{colons}{}", beside(&segments, &table.module)));
    }
    let by_glob =
        || site.imports.iter().any(|import| import.name == "*" && is_module_of(&import.path, table));
    let is_own = || site.around != Around::Macro && site.here.as_ref() == Some(&table.modules);
    match imported(site, table) {
        Some(true) => return Some(ident(&table.module)),
        None if by_glob() || is_own() => return Some(ident(&table.module)),
        // The name is another's here, or nobody's.
        Some(false) | None => {}
    }
    let of_child = site.imports.iter().find(|import| import.name == child.module)?;
    let is_safe = site.around != Around::Macro || of_child.path[0] == "crate";
    (is_safe && of_child.path.len() > 1 && leads_to(&of_child.path, child))
        .then(|| beside(&of_child.path, &table.module))
}

/// Whether what the place imports by the table's name is the table; `None` where it imports nothing of that name.
fn imported(site: &Site, table: &Table) -> Option<bool> {
    let mut named = site.imports.iter().filter(|import| import.name == table.module).peekable();
    named.peek().is_some().then(|| named.all(|import| leads_to(&import.path, table)))
}

/// `crate::schema::users`, where the child's own path from the root tells what `crate` is and that the modules on the way
/// can be named: every module around the child can, and so can one that stands in the root.
fn from_root(of_child: &[String], child: &Table, table: &Table) -> Option<String> {
    let (root, below) = of_child.split_first().filter(|(root, _)| *root == "crate")?;
    let around_child = below.strip_suffix(std::slice::from_ref(&child.module))?;
    // What `crate` stands for, of the file's modules.
    let outside = child.modules.strip_suffix(around_child)?;
    let around = table.modules.strip_prefix(outside)?;
    let is_known = around.len() <= 1 || around_child.starts_with(around);
    is_known.then(|| {
        let path: Vec<String> = [std::slice::from_ref(root), around, std::slice::from_ref(&table.module)]
            .concat()
            .iter()
            .map(|segment| ident(segment))
            .collect();
        path.join("::")
    })
}

/// Whether the struct's table is in scope where its derives may not have asked the compiler for it.
pub(super) fn is_in_scope(site: &Site, child: &Table) -> bool {
    const ASK: [&str; 5] = ["AsChangeset", "Associations", "Identifiable", "Insertable", "Selectable"];
    site.model.derives.iter().any(|derive| ASK.contains(&derive.as_str()))
        || path_in(site, child, child).is_some()
}

/// Whether a path's last two segments are the table's module and the one around it.
fn leads_to(path: &[String], table: &Table) -> bool {
    path.split_last().is_some_and(|(last, module)| *last == table.module && is_module_of(module, table))
}

/// Whether a path names the module around a table.
fn is_module_of(path: &[String], table: &Table) -> bool {
    match (path.last(), table.modules.last()) {
        (Some(last), Some(module)) => last == module,
        (Some(last), None) => last == "crate",
        (None, _) => false,
    }
}

/// The path with another last segment.
fn beside(path: &[String], module: &str) -> String {
    let mut path: Vec<String> = path.iter().map(|segment| ident(segment)).collect();
    path.pop();
    path.push(ident(module));
    path.join("::")
}

/// An identifier as it is written: keywords with `r#`.
pub(super) fn ident(name: &str) -> String {
    let is_plain = syn::parse_str::<syn::Ident>(name).is_ok() || matches!(name, "crate" | "self" | "super");
    if is_plain { name.to_owned() } else { format!("r#{name}") }
}
