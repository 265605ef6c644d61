//! Paths and tests that documents name are there.

use std::collections::BTreeSet;

use crate::assert_none;
use crate::tracked::{File, files};

#[test]
fn every_path_that_a_document_names_exists() {
    let all = files();
    let tree = Tree::of(&all);
    let documents: Vec<&File> = all.iter().filter(|file| file.path.ends_with(".md")).collect();
    assert!(!documents.is_empty(), "no document is tracked");
    assert_none(&documents.iter().flat_map(|file| tree.missing(file)).collect::<Vec<_>>());
}

#[test]
fn every_invariant_names_the_test_that_holds_it() {
    let all = files();
    let architecture = all.iter().find(|file| file.path == "ARCHITECTURE.md");
    let links: Vec<(&str, &str)> = architecture.iter().flat_map(|file| tests_in(file)).collect();
    assert!(links.len() >= 20, "ARCHITECTURE.md links {} tests", links.len());
    assert_none(&links.iter().filter_map(|link| absent_test(link, &all)).collect::<Vec<_>>());
}

#[test]
fn no_invariant_is_without_a_test() {
    let all = files();
    let architecture = all.iter().find(|file| file.path == "ARCHITECTURE.md");
    assert_none(&architecture.map_or_else(|| vec!["it is not there".to_owned()], unheld));
}

/// The paths of all tracked files and their folders.
struct Tree(BTreeSet<String>);

impl Tree {
    fn of(files: &[File]) -> Self {
        let mut paths = BTreeSet::new();
        for file in files {
            let slashes = file.path.match_indices('/').map(|(at, _)| file.path[..at].to_owned());
            paths.extend(slashes);
            paths.insert(file.path.clone());
        }
        Tree(paths)
    }

    fn missing(&self, document: &File) -> Vec<String> {
        let links = links(&document.text).filter(|target| !self.holds(document, target));
        let names = backticked(&document.text).filter(|name| self.is_path(document, name));
        let names = names.filter(|name| !self.holds(document, name));
        let absent = |path| format!("{} names `{path}`, which is not there", document.path);
        links.chain(names).map(absent).collect()
    }

    /// Whether `name` means a path: it has a slash, and its first part is one of ours.
    fn is_path(&self, document: &File, name: &str) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
        let path = name.split("::").next().unwrap_or(name);
        let first = path.split('/').next().unwrap_or_default();
        path.contains('/')
            && path.chars().all(plain)
            && !["", ".", ".."].contains(&first)
            && self.holds(document, first)
    }

    /// Whether `path` is there, seen from the document or from the root.
    fn holds(&self, document: &File, path: &str) -> bool {
        let path = path.split("::").next().unwrap_or(path);
        let path = path.split('#').next().unwrap_or(path);
        let seen = |folder: &str| {
            let whole = resolve(folder, path);
            whole.is_empty() || self.0.contains(&whole)
        };
        seen(document.folder()) || seen("")
    }
}

fn resolve(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The targets of links to files.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.starts_with(['#', '<']))
}

/// What stands between backticks in one line.
fn backticked(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.starts_with("```"))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// The tests that a document names, as `path/of/file.rs::name_of_test`.
fn tests_in(document: &File) -> impl Iterator<Item = (&str, &str)> {
    let named = backticked(&document.text).filter_map(|name| name.split_once("::"));
    named.filter(|(path, _)| path.ends_with(".rs") && path.contains('/'))
}

fn absent_test((path, name): &(&str, &str), files: &[File]) -> Option<String> {
    let Some(file) = files.iter().find(|file| file.path == *path) else {
        return Some(format!("`{path}` is not there"));
    };
    // Tests found at run time are named by a text.
    let found =
        file.text.contains(&format!("fn {name}(")) || file.text.contains(&format!("\"{name}\""));
    (!found).then(|| format!("`{path}` has no test `{name}`"))
}

/// The items of the list of invariants that link no test.
fn unheld(architecture: &File) -> Vec<String> {
    let list = architecture.text.split("\n## Invariants\n").nth(1);
    let list = list.and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    let items: Vec<&str> = list.split("\n- ").skip(1).collect();
    if items.is_empty() {
        return vec!["ARCHITECTURE.md lists no invariants".to_owned()];
    }
    let bare = items.iter().filter(|item| !item.contains(".rs::"));
    bare.map(|item| format!("no test holds: {}", item.lines().next().unwrap_or_default())).collect()
}

#[test]
fn a_path_that_is_not_there_is_found() {
    let files = ["Cargo.toml", "crates/a/src/lib.rs", "docs/a.md"].map(|path| File::new(path, ""));
    let missing = |text| Tree::of(&files).missing(&File::new("docs/b.md", text)).len();
    assert_eq!(
        missing("[a](a.md#part), `crates/a/src`, `actions/checkout` and [b](https://x.org/y)"),
        0
    );
    assert_eq!(missing("see `crates/a/src/gone.rs`"), 1);
    assert_eq!(missing("see [c](c.md) and [d](../crates/d)"), 2);
    assert_eq!(missing("`crates/<name>/src` stands for many"), 0);
}

#[test]
fn a_test_that_is_not_there_is_found() {
    let files = [File::new("a/b.rs", "#[test]\nfn it_holds() {}\nTrial::test(\"told\", f)")];
    assert_eq!(absent_test(&("a/b.rs", "it_holds"), &files), None);
    assert_eq!(absent_test(&("a/b.rs", "told"), &files), None);
    assert!(absent_test(&("a/b.rs", "it_hold"), &files).is_some());
    assert!(absent_test(&("a/c.rs", "it_holds"), &files).is_some());
}

#[test]
fn an_invariant_without_a_test_is_found() {
    let document = |list: &str| {
        File::new("ARCHITECTURE.md", &format!("#\n\n## Invariants\n{list}\n## Next\n- x\n"))
    };
    assert!(unheld(&document("\n- a\n  `x/y.rs::z`\n- b: `x/y.rs::w`\n")).is_empty());
    assert_eq!(unheld(&document("\n- a\n- b: `x/y.rs::w`\n")), ["no test holds: a"]);
    assert_eq!(unheld(&document("")).len(), 1);
}
