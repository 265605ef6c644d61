//! Dependencies point down only, and each says what it saves.

use crate::assert_none;
use crate::tracked::{File, ending};

/// Each crate and the crates of ours that it may depend on; `plim-test` may be a development dependency of all.
///
/// `plim-diag` and `plim-host` are the ground, `plim-expression` and `plim-workflow` the vocabularies, which
/// know nothing of the world; then stages, which never import one another; then the binary, which wires them.
const EDGES: &[(&str, &[&str])] = &[
    ("plim-diag", &[]),
    ("plim-host", &[]),
    ("plim-expression", &["plim-diag"]),
    ("plim-workflow", &["plim-diag", "plim-expression"]),
    ("plim-run", &["plim-diag", "plim-host", "plim-expression", "plim-workflow"]),
    ("plim-audit", &["plim-diag", "plim-expression", "plim-workflow"]),
    (
        "plimsoll",
        &["plim-diag", "plim-host", "plim-expression", "plim-workflow", "plim-run", "plim-audit"],
    ),
    ("plim-test", &[]),
];

#[test]
fn crates_depend_only_on_crates_below_them() {
    let manifests: Vec<File> = ending("/Cargo.toml")
        .into_iter()
        .filter(|file| file.path.starts_with("crates/") && file.path.matches('/').count() == 2)
        .collect();
    assert_eq!(manifests.len(), EDGES.len(), "every crate has its line in `EDGES`");
    assert_none(&manifests.iter().flat_map(upward).collect::<Vec<_>>());
}

#[test]
fn every_dependency_says_what_it_saves() {
    let root = ending("Cargo.toml").into_iter().find(|file| file.path == "Cargo.toml");
    assert_none(&root.iter().flat_map(unexplained).collect::<Vec<_>>());
}

/// The dependencies in a manifest that `EDGES` does not allow.
fn upward(manifest: &File) -> Vec<String> {
    let own = manifest.folder().rsplit('/').next().unwrap_or_default();
    let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == own) else {
        return vec![format!("`{own}` has no line in `EDGES`")];
    };
    let of_ours = |(_, name): &(&str, &str)| name.starts_with("plim");
    dependencies(&manifest.text)
        .filter(of_ours)
        .filter(|(table, name)| !allowed.contains(name) && !for_tests(table, name))
        .map(|(_, name)| format!("`{own}` must not depend on `{name}`"))
        .collect()
}

fn for_tests(table: &str, name: &str) -> bool {
    table.ends_with("dev-dependencies") && name == "plim-test"
}

/// The table and the name of each dependency.
fn dependencies(manifest: &str) -> impl Iterator<Item = (&str, &str)> {
    entries(manifest).filter_map(|(table, line)| {
        let name = line.split(['=', '.', ' ']).next()?;
        // `[dependencies.name]` is the other way to write one.
        match table.split_once("dependencies.") {
            Some((_, name)) => Some((table, name)),
            None => table.ends_with("dependencies").then_some((table, name)),
        }
    })
}

/// Each line that is not empty, a comment or a heading, with the heading above it.
fn entries(manifest: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut table = "";
    manifest.lines().filter_map(move |line| match line.strip_prefix('[') {
        Some(heading) => {
            table = heading.trim_matches(['[', ']']);
            None
        }
        None => (!line.trim().is_empty() && !line.starts_with('#')).then_some((table, line)),
    })
}

/// The shared dependencies without a reason in the same line; our own crates need none.
fn unexplained(manifest: &File) -> Vec<String> {
    let shared = entries(&manifest.text).filter(|(table, _)| *table == "workspace.dependencies");
    let foreign = shared.map(|(_, line)| line).filter(|line| !line.contains("path = "));
    let silent = |line: &&str| line.rsplit_once("# ").is_none_or(|(_, why)| why.len() < 10);
    foreign.filter(silent).map(|line| format!("no reason is given for `{line}`")).collect()
}

#[test]
fn a_dependency_that_points_up_is_found() {
    let manifest = |text| File::new("crates/plim-workflow/Cargo.toml", text);
    let up = manifest("[dependencies]\nplim-diag.workspace = true\nplim-host.workspace = true\n");
    assert_eq!(upward(&up), ["`plim-workflow` must not depend on `plim-host`"]);
    let table = manifest("[dev-dependencies.plim-run]\nworkspace = true\n");
    assert_eq!(upward(&table), ["`plim-workflow` must not depend on `plim-run`"]);
    let linux = manifest("[target.'cfg(unix)'.dependencies]\nplim-run = { workspace = true }\n");
    assert_eq!(upward(&linux), ["`plim-workflow` must not depend on `plim-run`"]);
    let test = manifest("[dev-dependencies]\nplim-test.workspace = true\n");
    assert!(upward(&test).is_empty());
}

#[test]
fn a_dependency_without_a_reason_is_found() {
    let text = "[workspace.dependencies]\na = \"1\" # reads what it reads\nb = \"1\"\n";
    assert_eq!(unexplained(&File::new("Cargo.toml", text)), ["no reason is given for `b = \"1\"`"]);
}
