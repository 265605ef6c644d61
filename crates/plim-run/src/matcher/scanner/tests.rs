//! What matchers find, line by line.

use super::super::{Matchers, Scan, Scanner};
use super::without_colours;
use crate::event::Level;

fn matchers(list: &str) -> Matchers {
    let matchers = Matchers::default();
    matchers.add(&format!(r#"{{"problemMatcher": [{list}]}}"#)).unwrap();
    matchers
}

fn scanner(list: &str) -> Scanner {
    matchers(list).scanner()
}

fn simple(owner: &str, regexp: &str) -> String {
    format!(r#"{{"owner": "{owner}", "pattern": [{{"regexp": "{regexp}", "message": 1}}]}}"#)
}

/// The messages found, and the lines in which nothing was.
fn messages(scanner: &mut Scanner, lines: &[&str]) -> (Vec<String>, Vec<String>) {
    let mut messages = Vec::new();
    let mut plain = Vec::new();
    for line in lines {
        match scanner.line(line).found {
            Some(found) => messages.push(found.message),
            None => plain.push((*line).to_owned()),
        }
    }
    (messages, plain)
}

fn nothing(scan: &Scan) -> bool {
    *scan == Scan::default()
}

const FILE_CODE_MESSAGE: &str = r#"{"owner": "m", "pattern": [
    {"regexp": "^(.+)$", "file": 1},
    {"regexp": "^(.+)$", "code": 1},
    {"regexp": "^message:(.+)$", "message": 1 LOOP}]}"#;

fn file_code_message(again: bool) -> Scanner {
    scanner(&FILE_CODE_MESSAGE.replace("LOOP", if again { r#", "loop": true"# } else { "" }))
}

fn told(scan: Scan) -> (String, String, String) {
    let found = scan.found.expect("a problem");
    (found.file.unwrap_or_default(), found.code.unwrap_or_default(), found.message)
}

fn triple(file: &str, code: &str, message: &str) -> (String, String, String) {
    (file.into(), code.into(), message.into())
}

#[test]
fn one_pattern_takes_everything_from_its_line() {
    let mut scanner = scanner(
        r#"{"owner": "m", "pattern": [{
            "regexp": "^file:(.+) line:(.+) column:(.+) severity:(.+) code:(.+) message:(.+) fromPath:(.+)$",
            "file": 1, "line": 2, "column": 3, "severity": 4, "code": 5, "message": 6, "fromPath": 7}]}"#,
    );
    let line = "file:my-file.cs line:123 column:45 severity:Warning code:uh-oh message:not-working fromPath:my.proj";
    let found = scanner.line(line).found.unwrap();
    assert_eq!(found.owner, "m");
    assert_eq!(found.file.as_deref(), Some("my-file.cs"));
    assert_eq!((found.line, found.column), (Some(123), Some(45)));
    assert_eq!(found.level, Level::Warning);
    assert_eq!(found.code.as_deref(), Some("uh-oh"));
    assert_eq!(found.message, "not-working");
    assert_eq!(found.from_path.as_deref(), Some("my.proj"));
    assert_eq!(found.shown, line);
}

#[test]
fn severity_and_path_have_defaults() {
    let mut scanner = scanner(
        r#"{"owner": "m", "severity": "warning", "fromPath": "sub/x.csproj", "pattern": [
            {"regexp": "^(ERROR)?(?: )?([A-Z]+)(?: in (.+))?:$", "severity": 1, "code": 2, "fromPath": 3},
            {"regexp": "^(.+)$", "message": 1}]}"#,
    );
    for (line, level, from_path) in [
        ("ABC:", Level::Warning, "sub/x.csproj"),
        ("ERROR ABC:", Level::Error, "sub/x.csproj"),
        ("ERROR ABC in y/z:", Level::Error, "y/z"),
    ] {
        assert!(nothing(&scanner.line(line)));
        let found = scanner.line("not-working").found.unwrap();
        assert_eq!((found.level, found.from_path.as_deref()), (level, Some(from_path)), "{line}");
        assert_eq!(found.code.as_deref(), Some("ABC"));
    }
}

#[test]
fn severities_are_words_of_any_case() {
    let list = [
        r#"{"owner": "a", "pattern": [{"regexp": "(.*): (.+)", "severity": 1, "message": 2}]}"#
            .to_owned(),
        simple("b", "ERROR! (.+)"),
    ];
    let mut scanner = scanner(&list.join(","));
    for (line, level) in [
        ("ERRor: real bad", Level::Error),
        ("WARNing: not great", Level::Warning),
        ("notice: look", Level::Notice),
        (": not working", Level::Error),
        ("ERROR! uh oh", Level::Error),
    ] {
        assert_eq!(scanner.line(line).found.unwrap().level, level, "{line}");
    }
    let scan = scanner.line("info: hey");
    assert_eq!(scan.found, None);
    assert_eq!(scan.debug, ["`a` found a problem of the unknown severity `info`"]);
}

#[test]
fn a_number_that_is_none_is_left_out() {
    let mut scanner = scanner(
        r#"{"owner": "m", "pattern": [{"regexp": "\\((.+),(.+)\\): (.+)", "line": 1, "column": 2, "message": 3}]}"#,
    );
    for (line, place) in [
        ("(12,34): real bad", (Some(12), Some(34))),
        ("(12,thirty-four): it is broken", (Some(12), None)),
        ("(twelve,34): not working", (None, Some(34))),
        ("(+1, 2): signs and blanks", (None, None)),
    ] {
        let found = scanner.line(line).found.unwrap();
        assert_eq!((found.line, found.column), place, "{line}");
    }
}

#[test]
fn a_code_and_a_message_that_are_blank_are_none() {
    let mut scanner = scanner(
        r#"{"owner": "m", "pattern": [{"regexp": "^(.*): (.*)$", "code": 1, "message": 2}]}"#,
    );
    assert_eq!(scanner.line("BAD : real bad").found.unwrap().code.as_deref(), Some("BAD"));
    assert_eq!(scanner.line(": not working").found.unwrap().code, None);
    let scan = scanner.line("BAD:  ");
    assert_eq!((scan.found, scan.debug.len()), (None, 1));
}

#[test]
fn several_patterns_match_line_after_line() {
    let mut scanner = file_code_message(false);
    for n in ["1", "2", "3"] {
        assert!(nothing(&scanner.line(&format!("file{n}"))));
        assert!(nothing(&scanner.line(&format!("code{n}"))));
        let found = told(scanner.line(&format!("message:message{n}")));
        assert_eq!(found, triple(&format!("file{n}"), &format!("code{n}"), &format!("message{n}")));
        assert!(nothing(&scanner.line("abc")), "a line between changes nothing");
    }
}

#[test]
fn a_sequence_without_loop_ends_with_its_match() {
    let mut scanner = scanner(
        r#"{"owner": "m", "pattern": [{"regexp": "^file:(.+)$", "file": 1}, {"regexp": "^message:(.+)$", "message": 1}]}"#,
    );
    assert!(nothing(&scanner.line("file:my-file.cs")));
    assert!(scanner.line("message:not-working").found.is_some());
    assert!(nothing(&scanner.line("message:not-working")));
}

#[test]
fn the_last_pattern_may_match_again_and_again() {
    let mut scanner = file_code_message(true);
    scanner.line("file1");
    scanner.line("code1");
    assert_eq!(told(scanner.line("message:a")), triple("file1", "code1", "a"));
    assert_eq!(told(scanner.line("message:b")), triple("file1", "code1", "b"));
    assert!(nothing(&scanner.line("abc")));
    scanner.line("file2");
    scanner.line("code2");
    assert_eq!(told(scanner.line("message:c")), triple("file2", "code2", "c"));
}

#[test]
fn a_line_that_does_not_match_ends_the_loop() {
    let mut scanner = file_code_message(true);
    scanner.line("my-file.cs");
    scanner.line("real-bad");
    assert_eq!(
        told(scanner.line("message:not-working")),
        triple("my-file.cs", "real-bad", "not-working")
    );
    assert_eq!(told(scanner.line("message:problem")), triple("my-file.cs", "real-bad", "problem"));
    assert!(nothing(&scanner.line("other-file.cs")));
    // It would match the last pattern too, if what was seen before had not been forgotten.
    assert!(nothing(&scanner.line("message:not-good")));
    assert_eq!(
        told(scanner.line("message:broken")),
        triple("other-file.cs", "message:not-good", "broken")
    );
}

#[test]
fn a_match_makes_the_other_matchers_forget() {
    let mut scanner = scanner(
        r#"{"owner": "a", "pattern": [{"regexp": "Both: .+"}, {"regexp": "Only a: (.+)", "message": 1}]},
           {"owner": "b", "pattern": [{"regexp": "Both: (.+)"}, {"regexp": "(.+)", "message": 1}]}"#,
    );
    let (found, plain) = messages(
        &mut scanner,
        &[
            "Both: hello",
            "Only a: it broke",
            "regular 1",
            "regular 2",
            "Both: hello again",
            "oh no",
        ],
    );
    assert_eq!(found, ["it broke", "oh no"]);
    assert_eq!(plain.len(), 4);
}

#[test]
fn a_match_does_not_make_its_own_matcher_forget() {
    let mut scanner = scanner(
        r#"{"owner": "a", "pattern": [{"regexp": "Start: .+"}, {"regexp": "Error: (.+)", "message": 1, "loop": true}]}"#,
    );
    let lines = ["Start: a", "Error: 1", "Error: 2", "regular", "Error: 3", "Start: b", "Error: 4"];
    let (found, plain) = messages(&mut scanner, &lines);
    assert_eq!(found, ["1", "2", "4"]);
    assert_eq!(plain, ["Start: a", "regular", "Error: 3", "Start: b"]);
}

#[test]
fn a_matcher_is_replaced_put_first_or_removed_while_a_step_runs() {
    let matchers = matchers(&[simple("a", "ERROR: (.+)"), simple("b", "NOT GOOD: (.+)")].join(","));
    let mut scanner = matchers.scanner();
    let lines = ["ERROR: 1 END", "ERROR: 2", "NOT GOOD: 3"];
    assert_eq!(messages(&mut scanner, &lines).0, ["1 END", "2", "3"]);
    let add = |list: String| matchers.add(&format!(r#"{{"problemMatcher": [{list}]}}"#)).unwrap();
    assert_eq!(add(simple("new", "ERROR: (.+) END")), ["new"]);
    assert_eq!(messages(&mut scanner, &lines).0, ["1", "2", "3"]);
    assert_eq!(matchers.owners(), ["new", "a", "b"]);
    matchers.remove("NEW");
    add(simple("A", "ERROR: (.+) END"));
    assert_eq!(
        messages(&mut scanner, &lines),
        (vec!["1".into(), "3".into()], vec!["ERROR: 2".into()])
    );
    matchers.remove_listed(r#"{"problemMatcher": [{"owner": "b"}]}"#).unwrap();
    assert_eq!(messages(&mut scanner, &lines).0, ["1"]);
    assert!(add(String::new()).is_empty());
}

#[test]
fn streams_do_not_share_what_they_saw() {
    let matchers = matchers(&FILE_CODE_MESSAGE.replace("LOOP", ""));
    let (mut out, mut err) = (matchers.scanner(), matchers.scanner());
    out.line("file");
    out.line("code");
    assert!(nothing(&err.line("message:x")));
    assert!(out.line("message:x").found.is_some());
}

#[test]
fn colours_are_taken_out_unless_the_expression_names_them() {
    let mut plain = scanner(&simple("m", "^the error: (.+)$"));
    let found = plain
        .line("the error: \u{1b}[31mred, \u{1b}[1;31mbright red, \u{1b}[mreset")
        .found
        .unwrap();
    assert_eq!(found.message, "red, bright red, reset");
    assert_eq!(found.shown, "the error: red, bright red, reset");
    let mut coloured = scanner(&simple("m", r"^\\x1b\\[31m(.+)"));
    assert_eq!(coloured.line("\u{1b}[31mred").found.unwrap().message, "red");
    assert_eq!(without_colours("a\u{1b}[01;31m\u{1b}[Kb\u{1b}[0c\u{1b}["), "abc");
}

#[test]
fn an_expression_that_takes_too_long_is_dropped_from_its_stream() {
    let matchers =
        matchers(&[simple("slow", r"^(x+x+)+(?=y)$\\1"), simple("err", "ERR: (.+)")].join(","));
    let mut scanner = matchers.scanner();
    let scan = scanner.line(&"x".repeat(60));
    assert_eq!(scan.found, None);
    assert_eq!(scan.warnings.len(), 1);
    assert!(scan.warnings[0].starts_with("the problem matcher `slow` is dropped: "), "{scan:?}");
    assert!(nothing(&scanner.line(&"x".repeat(60))), "it is not tried again");
    assert_eq!(scanner.line("ERR: this error").found.unwrap().message, "this error");
}
