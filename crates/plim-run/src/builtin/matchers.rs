//! Problem matchers that the setup actions register: what compilers and linters print becomes annotations.

use super::{Failure, Invocation};

/// Registers matchers. Errors: they are not what the runner takes.
pub(super) fn add(cx: &mut Invocation<'_>, json: &str) -> Result<(), Failure> {
    let added = cx.matchers.add(json).map_err(|error| Failure::new(error.to_string()))?;
    cx.log.debug(&format!("added matchers: {}", added.join(", ")));
    Ok(())
}

/// Of `actions/setup-node`: the TypeScript compiler, and two formats of ESLint.
pub(super) const NODE: &str = r#"{"problemMatcher": [
  {"owner": "tsc", "pattern": [{
    "regexp": "^([^\\s].*)[\\(:](\\d+)[,:](\\d+)(?:\\):\\s+|\\s+-\\s+)(error|warning|info)\\s+TS(\\d+)\\s*:\\s*(.*)$",
    "file": 1, "line": 2, "column": 3, "severity": 4, "code": 5, "message": 6}]},
  {"owner": "eslint-compact", "pattern": [{
    "regexp": "^(.+):\\sline\\s(\\d+),\\scol\\s(\\d+),\\s(Error|Warning|Info)\\s-\\s(.+)\\s\\((.+)\\)$",
    "file": 1, "line": 2, "column": 3, "severity": 4, "message": 5, "code": 6}]},
  {"owner": "eslint-stylish", "pattern": [
    {"regexp": "^([^\\s].*)$", "file": 1},
    {"regexp": "^\\s+(\\d+):(\\d+)\\s+(error|warning|info)\\s+(.*)\\s\\s+(.*)$",
     "line": 1, "column": 2, "severity": 3, "message": 4, "code": 5, "loop": true}]}
]}"#;

/// Of `actions/setup-python`: a traceback.
pub(super) const PYTHON: &str = r#"{"problemMatcher": [
  {"owner": "python", "pattern": [
    {"regexp": "^\\s*File\\s\\\"(.*)\\\",\\sline\\s(\\d+),\\sin\\s(.*)$", "file": 1, "line": 2},
    {"regexp": "^\\s*raise\\s(.*)\\(\\'(.*)\\'\\)$", "message": 2}]}
]}"#;

/// Of `actions/setup-go`: the compiler, and failed tests.
pub(super) const GO: &str = r#"{"problemMatcher": [
  {"owner": "go", "pattern": [{
    "regexp": "^\\s*(\\.{0,2}[\\/\\\\].+\\.go):(?:(\\d+):(\\d+):)? (.*)$",
    "file": 1, "line": 2, "column": 3, "message": 4}]}
]}"#;

/// Of `actions/setup-java`: the compiler, and exceptions that nobody caught.
pub(super) const JAVA: &str = r#"{"problemMatcher": [
  {"owner": "javac", "pattern": [{
    "regexp": "^([^\\s].*\\.java):(\\d+):\\s+(error|warning):\\s+(.*)$",
    "file": 1, "line": 2, "severity": 3, "message": 4}]},
  {"owner": "java", "pattern": [{
    "regexp": "^(Exception in thread \".*\" .*)$", "message": 1}]}
]}"#;

/// Of `actions-rust-lang/setup-rust-toolchain`: rustc as cargo shows it, panics, and rustfmt.
pub(super) const RUST: &str = r#"{"problemMatcher": [
  {"owner": "cargo-common", "pattern": [
    {"regexp": "^(warning|warn|error)(?:\\[(\\S*)\\])?: (.*)$", "severity": 1, "code": 2, "message": 3},
    {"regexp": "^\\s+-->\\s(\\S+):(\\d+):(\\d+)$", "file": 1, "line": 2, "column": 3}]},
  {"owner": "cargo-test", "pattern": [
    {"regexp": "^thread '.*' .*panicked at (\\S+):(\\d+):(\\d+):$", "file": 1, "line": 2, "column": 3},
    {"regexp": "^(.*)$", "message": 1}]},
  {"owner": "rustfmt", "pattern": [{
    "regexp": "^(Diff in (\\S+)) at line (\\d+):$", "message": 1, "file": 2, "line": 3}]}
]}"#;

#[cfg(test)]
mod tests {
    use crate::matcher::Matchers;

    #[test]
    fn all_of_them_are_matchers() {
        for json in [super::NODE, super::PYTHON, super::GO, super::JAVA, super::RUST] {
            assert!(Matchers::default().add(json).is_ok(), "{json}");
        }
    }

    #[test]
    fn what_they_look_for_is_found() {
        let found = |json: &str, lines: &[&str]| {
            let matchers = Matchers::default();
            matchers.add(json).unwrap();
            let mut scanner = matchers.scanner();
            lines.iter().any(|line| scanner.line(line).found.is_some())
        };
        assert!(found(super::NODE, &["src/a.ts(3,5): error TS2322: no"]));
        assert!(found(super::NODE, &["/w/a.js", "  3:5  error  no such thing  no-undef"]));
        assert!(found(super::GO, &["./main.go:3:5: undefined: x"]));
        assert!(found(super::JAVA, &["src/A.java:3: error: ';' expected"]));
        assert!(found(super::RUST, &["error[E0308]: mismatched types", "  --> src/lib.rs:3:5"]));
    }
}
