//! Writes the table of known actions from copies of their `action.yml`.
//!
//! To refresh it, clone the repositories of the actions in the table with their tags, and in this crate's folder:
//!
//!     grep '^[a-z]' data/actions.txt > list
//!     data/collect list CLONES COPIES
//!     cargo run --example known_actions -- COPIES > data/actions.txt
//!
//! To add an action, add its name to the list.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a tool for developers of this crate"
)]
#![allow(clippy::disallowed_methods, reason = "it reads the copies it is pointed at")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use plim_workflow::{Action, ActionBody};

fn main() {
    let copies = PathBuf::from(std::env::args().nth(1).expect("usage: known_actions COPIES"));
    let mut folders = Vec::new();
    find(&copies, &mut folders);
    folders.sort();
    println!("# Inputs, outputs and runtimes of well-known actions, by major version.");
    println!("# Written by the example `known_actions`, which says how to refresh it.");
    for folder in folders {
        let name = folder.strip_prefix(&copies).unwrap().display().to_string();
        if let Some(facts) = facts(&folder) {
            print!("\n{}\n{facts}", name.to_ascii_lowercase());
        }
    }
}

/// Folders that hold copies.
fn find(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut holds_copies = false;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, found);
        } else {
            holds_copies |= path.extension().is_some_and(|extension| extension == "yml");
        }
    }
    if holds_copies {
        found.push(folder.to_owned());
    }
}

/// Its references name versions of Rust, not its own.
const NO_VERSIONS: &str = "dtolnay/rust-toolchain";

/// What is known of a name in one major version.
#[derive(Default)]
struct Seen {
    copies: usize,
    required: usize,
    deprecated: bool,
}

#[derive(Default)]
struct Major {
    copies: usize,
    newest: (Vec<u64>, String),
    inputs: BTreeMap<String, Seen>,
    outputs: BTreeSet<String>,
}

fn facts(folder: &Path) -> Option<String> {
    let mut majors: BTreeMap<u16, Major> = BTreeMap::new();
    let mut head = None;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let tag = path.file_stem().unwrap().to_string_lossy().into_owned();
        let read = Action::read_bytes("action.yml", &std::fs::read(&path).unwrap());
        if tag == "HEAD" {
            head = Some(read.value);
        } else if let Some(version) = version(&tag).filter(|_| !folder.ends_with(NO_VERSIONS)) {
            let major = u16::try_from(version[0]).unwrap();
            majors.entry(major).or_default().learn(version, &read.value);
        }
    }
    if let Some(head) = head {
        // What is on the trunk is what the newest version is about to be.
        let newest = majors.keys().last().copied().unwrap_or(0);
        majors.entry(newest).or_default().learn(vec![u64::MAX], &head);
    }
    (!majors.is_empty()).then(|| table(&majors))
}

fn version(tag: &str) -> Option<Vec<u64>> {
    let digits = tag.strip_prefix('v').unwrap_or(tag);
    let parts: Vec<u64> = digits.split('.').map_while(|part| part.parse().ok()).collect();
    let first = digits.split(['.', '-']).next()?.parse::<u64>().ok()?;
    (first < 1000).then(|| if parts.is_empty() { vec![first] } else { parts })
}

impl Major {
    fn learn(&mut self, version: Vec<u64>, action: &Action) {
        let Some(runtime) = runtime(action) else { return };
        self.copies += 1;
        for input in &action.inputs {
            let seen = self.inputs.entry(input.name.value.to_string()).or_default();
            seen.copies += 1;
            seen.required += usize::from(input.required && input.default.is_none());
            seen.deprecated |= input.deprecation.is_some();
        }
        self.outputs.extend(action.outputs.iter().map(|output| output.name.value.to_string()));
        // A moving tag such as `v4` is a release of `v4.x`, too, and says nothing newer.
        if (version.as_slice(), runtime) >= (self.newest.0.as_slice(), &self.newest.1) {
            self.newest = (version, runtime.to_owned());
        }
    }
}

fn runtime(action: &Action) -> Option<&str> {
    match &action.body {
        ActionBody::JavaScript(body) => Some(&body.using.value),
        ActionBody::Composite(_) => Some("composite"),
        ActionBody::Docker(_) => Some("docker"),
        ActionBody::Unreadable => None,
    }
}

fn table(majors: &BTreeMap<u16, Major>) -> String {
    let majors: Vec<(u16, &Major)> =
        majors.iter().filter(|(_, major)| major.copies > 0).map(|(n, m)| (*n, m)).collect();
    let versions: Vec<String> =
        majors.iter().map(|(number, major)| format!("{number}={}", major.newest.1)).collect();
    let mut text = format!("  versions {}\n", versions.join(" "));
    let all = range(majors.iter().map(|(number, _)| *number));
    let inputs: BTreeSet<&String> = majors.iter().flat_map(|(_, m)| m.inputs.keys()).collect();
    for name in inputs {
        let having = |test: &dyn Fn(&Major, &Seen) -> bool| {
            let here = |(number, major): &(u16, &Major)| {
                major.inputs.get(name).is_some_and(|seen| test(major, seen)).then_some(*number)
            };
            range(majors.iter().filter_map(here))
        };
        _ = write!(text, "  in {name}{}", unless(having(&|_, _| true), &all));
        // Only where every release of the version asks for it.
        if let Some(required) = having(&|major, seen| seen.required == major.copies) {
            _ = write!(text, " !{required}");
        }
        if let Some(deprecated) = having(&|_, seen| seen.deprecated) {
            _ = write!(text, " ~{deprecated}");
        }
        text.push('\n');
    }
    let outputs: BTreeSet<&String> = majors.iter().flat_map(|(_, m)| &m.outputs).collect();
    for name in outputs {
        let here = majors.iter().filter(|(_, m)| m.outputs.contains(name)).map(|(n, _)| *n);
        _ = writeln!(text, "  out {name}{}", unless(range(here), &all));
    }
    text
}

/// The first and last of ascending numbers.
fn range(numbers: impl Iterator<Item = u16>) -> Option<String> {
    let numbers: Vec<u16> = numbers.collect();
    let (first, last) = (numbers.first()?, numbers.last()?);
    Some(if first == last { first.to_string() } else { format!("{first}-{last}") })
}

fn unless(range: Option<String>, all: &Option<String>) -> String {
    if range == *all {
        String::new()
    } else {
        range.map_or_else(String::new, |range| format!(" {range}"))
    }
}
