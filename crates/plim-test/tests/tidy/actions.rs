//! Actions are pinned to a commit, with the version that it is in a comment.

use crate::assert_none;
use crate::tracked::{File, files};

#[test]
fn every_action_is_pinned() {
    let workflows: Vec<File> = files().into_iter().filter(|file| is_workflow(&file.path)).collect();
    assert!(workflows.len() >= 2, "the project's own workflow and the example's are gone");
    let uses: usize = workflows.iter().map(|file| uses(file).count()).sum();
    assert!(uses > 0, "no `uses` is found in any workflow");
    assert_none(&workflows.iter().flat_map(loose).collect::<Vec<_>>());
}

fn is_workflow(path: &str) -> bool {
    let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    yaml && (path.starts_with(".github/") || path.starts_with("examples/"))
}

/// The value of each `uses`, with the comment behind it.
fn uses(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.lines().filter_map(|(number, line)| {
        let line = line.trim_start().trim_start_matches("- ");
        line.strip_prefix("uses:").map(|value| (number, value.trim()))
    })
}

fn loose(file: &File) -> Vec<String> {
    let loose = uses(file).filter(|(_, value)| !is_local(value) && !is_pinned(value));
    loose.map(|(number, value)| format!("{}:{number} uses `{value}`", file.path)).collect()
}

fn is_local(value: &str) -> bool {
    value.starts_with("./") || value.starts_with("$/")
}

fn is_pinned(value: &str) -> bool {
    let Some((_, reference)) = value.split_once('@') else { return false };
    let Some((commit, comment)) = reference.split_once(" # v") else { return false };
    let is_hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    commit.len() == 40
        && commit.chars().all(is_hex)
        && comment.starts_with(|c: char| c.is_ascii_digit())
}

#[test]
fn an_action_that_can_move_is_found() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let complaints =
        |value: &str| loose(&File::new("w.yml", &format!("  - uses: {value}\n"))).len();
    assert_eq!(complaints(&format!("actions/checkout@{commit} # v7.0.1")), 0);
    assert_eq!(complaints("./local"), 0);
    assert_eq!(complaints(&format!("actions/checkout@{commit}")), 1);
    assert_eq!(complaints("actions/checkout@v7 # v7.0.1"), 1);
    assert_eq!(complaints("actions/checkout"), 1);
}
