//! Real workspaces, real servers: one binary, so that it is linked once.

mod actions;
mod annotate;
mod baseline;
mod browser;
mod build_script;
mod ci;
mod dependency_trees;
mod editor;
mod engine_mysql;
mod engine_postgres;
mod engine_sqlite;
mod engine_tls;
mod examples;
mod exit_codes;
mod filters;
mod fix;
mod fix_on_engines;
mod fleet;
#[cfg(unix)]
mod foreign_programs;
mod formats;
mod generated_schema;
mod graph;
mod harness;
mod hostile_servers;
mod impact;
mod json;
mod layers;
mod levels;
mod library_call;
mod links;
mod matching;
mod mutants;
mod nothing_remains;
mod orphans;
mod poolers;
mod privileges;
#[cfg(unix)]
mod regular_files;
mod replay;
mod rounds;
mod rule_examples;
mod rule_pages;
mod rules_on_engines;
mod scratch;
mod snapshot;
mod statements;
mod three_way;
mod traps;
mod unsaved;
mod unstated;
mod verdicts;
#[cfg(unix)]
mod writes;
