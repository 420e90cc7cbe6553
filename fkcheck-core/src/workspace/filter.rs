//! Which tables are of interest where no annotation speaks of them.

use glob::Pattern;

use crate::model::TableName;

/// `tables.ignore` and `schemas` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Tables that match one of them are of no interest. A pattern with a dot is matched against `schema.table`.
    pub(super) ignore: Vec<Pattern>,
    /// The only schemas that are of interest; empty: all.
    pub(super) schemas: Vec<String>,
}

impl Filter {
    /// Whether a table is of interest. `default_schema` is what a name without a schema means.
    pub fn wants(&self, table: &TableName, default_schema: Option<&str>) -> bool {
        let schema = table.schema.as_deref().or(default_schema);
        let is_of_schema = || self.schemas.iter().any(|wanted| Some(wanted.as_str()) == schema);
        (self.schemas.is_empty() || is_of_schema())
            && !self.ignore.iter().any(|pattern| matches(pattern, table, schema))
    }

    /// The patterns that match none of these tables.
    pub fn unused<'a>(&self, tables: impl Iterator<Item = (&'a TableName, Option<&'a str>)>) -> Vec<&str> {
        let mut unused: Vec<&Pattern> = self.ignore.iter().collect();
        for (table, default_schema) in tables {
            let schema = table.schema.as_deref().or(default_schema);
            unused.retain(|pattern| !matches(pattern, table, schema));
        }
        unused.into_iter().map(Pattern::as_str).collect()
    }
}

fn matches(pattern: &Pattern, table: &TableName, schema: Option<&str>) -> bool {
    if pattern.as_str().contains('.') {
        return schema.is_some_and(|schema| pattern.matches(&format!("{schema}.{}", table.name)));
    }
    pattern.matches(&table.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_schemas() {
        let pattern = |text: &str| Pattern::new(text).unwrap();
        let filter =
            Filter { ignore: vec![pattern("audit_*"), pattern("old.*"), pattern("x?")], schemas: Vec::new() };
        let wants = |name: &str| match name.split_once('.') {
            Some((schema, name)) => filter.wants(&TableName::qualified(schema, name), Some("public")),
            None => filter.wants(&TableName::bare(name), Some("public")),
        };
        let wanted: Vec<&str> = ["audit_log", "audits", "old.users", "users", "a.audit_x", "x1", "x12"]
            .into_iter()
            .filter(|name| wants(name))
            .collect();
        assert_eq!(wanted, ["audits", "users", "x12"]);
        let tables = [TableName::bare("audit_log"), TableName::bare("x1")];
        assert_eq!(filter.unused(tables.iter().map(|table| (table, Some("public")))), ["old.*"]);

        let filter = Filter { ignore: Vec::new(), schemas: vec!["public".to_owned()] };
        assert!(filter.wants(&TableName::bare("a"), Some("public")));
        assert!(filter.wants(&TableName::qualified("public", "a"), None));
        assert!(!filter.wants(&TableName::qualified("billing", "a"), Some("public")));
    }
}
