//! Source files open with a sentence, stay short, and keep system calls in one place.

use crate::assert_none;
use crate::tracked::{File, ending, files};

/// The one file that may hold `unsafe` code.
const UNSAFE: &str = "crates/plim-host/src/sys/raw.rs";

/// Lines above which a file holds more than one noun.
const LONGEST: usize = 800;

/// Files that are still to be split. It only shrinks.
const TO_SPLIT: &[&str] = &[];

#[test]
fn every_file_opens_with_a_sentence() {
    assert_none(&ending(".rs").iter().filter_map(speechless).collect::<Vec<_>>());
}

#[test]
fn no_file_is_longer_than_a_reader_bears() {
    let sources = ending(".rs");
    let (to_split, others): (Vec<&File>, Vec<&File>) =
        sources.iter().partition(|file| TO_SPLIT.contains(&file.path.as_str()));
    assert_none(&others.into_iter().filter_map(long).collect::<Vec<_>>());
    let short = to_split.iter().filter(|file| long(file).is_none());
    let short: Vec<String> = short.map(|file| format!("take {} off the list", file.path)).collect();
    assert_none(&short);
}

#[test]
fn unsafe_code_is_in_one_module() {
    let sources = ending(".rs");
    assert!(sources.iter().any(|file| file.path == UNSAFE), "`{UNSAFE}` is gone");
    assert_none(&sources.iter().flat_map(unsafe_elsewhere).collect::<Vec<_>>());
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    assert_none(&files().iter().flat_map(machine_paths).collect::<Vec<_>>());
}

fn speechless(file: &File) -> Option<String> {
    let opening = file.text.lines().map_while(|line| line.strip_prefix("//!"));
    let paragraph: Vec<&str> = opening.map(str::trim).take_while(|line| !line.is_empty()).collect();
    let sentence = paragraph.join(" ");
    let whole = sentence.contains(' ') && sentence.ends_with(['.', ':']);
    (!whole).then(|| format!("{} does not open with `//!` and a sentence", file.path))
}

fn long(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    (lines > LONGEST).then(|| format!("{} has {lines} lines, more than {LONGEST}", file.path))
}

fn unsafe_elsewhere(file: &File) -> Vec<String> {
    // Fuzz targets and examples are crates of their own, and this file speaks of what it looks for.
    if file.path == UNSAFE || file.path.ends_with("tidy/sources.rs") {
        return Vec::new();
    }
    let found = file.lines().filter(|(_, line)| !line.trim_start().starts_with("//"));
    found
        .filter(|(_, line)| has_unsafe(line))
        .map(|(number, _)| format!("{}:{number} has `unsafe` code", file.path))
        .collect()
}

/// Whether the keyword stands in `line` before what it opens.
fn has_unsafe(line: &str) -> bool {
    let opened = [" {", " fn", " impl", " extern", " trait", "("];
    line.match_indices("unsafe").any(|(at, keyword)| {
        let word = line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = &line[at + keyword.len()..];
        !word && opened.iter().any(|opened| rest.starts_with(opened))
    })
}

/// Paths of the machines that this was written on, which mean nothing on another.
fn machine_paths(file: &File) -> Vec<String> {
    let folders = [concat!("/", "work/"), concat!("/", "root/")];
    let begins_path = |line: &str, at: usize| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~*}])/".contains(c))
    };
    let names = |line: &str| {
        folders.iter().any(|folder| line.match_indices(folder).any(|(at, _)| begins_path(line, at)))
    };
    file.lines()
        .filter(|(_, line)| names(line))
        .map(|(number, _)| format!("{}:{number} names a path of one machine", file.path))
        .collect()
}

#[test]
fn a_file_without_a_sentence_is_found() {
    let speaks = |text| speechless(&File::new("a.rs", text)).is_none();
    assert!(speaks("//! Reads a file,\n//! line by line.\n//!\n//! Then\nuse std;"));
    assert!(!speaks("//! Utilities\n"));
    assert!(!speaks("use std;\n//! Reads a file.\n"));
    assert!(!speaks("\n//! Reads a file.\n"));
}

#[test]
fn a_long_file_is_found() {
    assert!(long(&File::new("a.rs", &"\n".repeat(LONGEST))).is_none());
    assert!(long(&File::new("a.rs", &"\n".repeat(LONGEST + 1))).is_some());
}

#[test]
fn unsafe_code_is_found() {
    let found = |text| unsafe_elsewhere(&File::new("a.rs", text)).len();
    assert_eq!(found("let x = unsafe { y };"), 1);
    assert_eq!(found("unsafe impl Send for X {}\n#[unsafe(no_mangle)]"), 2);
    assert_eq!(found("if is_unsafe(c) {}"), 0);
    assert_eq!(found("// unsafe { is not needed }\n#![expect(unsafe_code)]"), 0);
}

#[test]
fn a_path_of_one_machine_is_found() {
    let found = |line: String| machine_paths(&File::new("a.md", &line)).len();
    assert_eq!(found(format!("see `{}here`", concat!("/", "work/"))), 1);
    assert_eq!(found(format!("/home/runner{}here", concat!("/", "work/"))), 0);
}
