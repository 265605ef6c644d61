//! JUnit: one XML document at the end, a suite for each job and a case for each step.

use std::{
    fmt::{self, Write},
    io,
};

use plim_run::{Event, event::Conclusion};

use super::{
    Progress, Reader,
    cause::what,
    progress::{Job, JobState, Step},
    report::{annotated, how},
};
use crate::{output::Output, render::text};

/// Writes the document when the run is over.
pub(crate) struct Junit {
    output: Output,
}

impl Junit {
    pub(crate) fn new(output: Output) -> Self {
        Self { output }
    }
}

impl Reader for Junit {
    fn read(&mut self, _: &Event, _: &Progress) {}

    fn finish(&mut self, progress: &Progress) -> io::Result<()> {
        self.output.add(&document(progress));
        self.output.finish()
    }
}

/// How many cases of which kind.
#[derive(Clone, Copy, Default)]
struct Sums {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

fn document(progress: &Progress) -> String {
    let mut suites = String::new();
    let mut all = Sums::default();
    for job in &progress.jobs {
        // Writing to a string cannot fail.
        let _ = suite(&mut suites, progress, job, &mut all);
    }
    let time = progress.end.map_or(0, |end| end.milliseconds);
    let name = escape(&progress.repository);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{name}\"{} time=\"{}\">\n{suites}</testsuites>\n",
        sums(all),
        seconds(time),
    )
}

fn suite(out: &mut String, progress: &Progress, job: &Job, all: &mut Sums) -> fmt::Result {
    let mut cases = String::new();
    let mut own = Sums::default();
    let label = progress.label(&job.key);
    let milliseconds = match job.state {
        JobState::Finished { milliseconds, .. } => milliseconds,
        _ => 0,
    };
    for step in &job.steps {
        case(&mut cases, &label, &step.name, step_time(step), verdict(step), &mut own)?;
    }
    if let Some(verdict) = job_verdict(job, own) {
        case(&mut cases, &label, "job", milliseconds, verdict, &mut own)?;
    }
    let (name, file, time) = (escape(&label), escape(&job.workflow), seconds(milliseconds));
    // Readers of JUnit know neither fractions nor time zones.
    let timestamp = escape(progress.at.get(..19).unwrap_or_default());
    writeln!(
        out,
        "  <testsuite name=\"{name}\"{} time=\"{time}\" timestamp=\"{timestamp}\" file=\"{file}\">",
        sums(own)
    )?;
    out.push_str(&cases);
    out.push_str("  </testsuite>\n");
    all.tests += own.tests;
    all.failures += own.failures;
    all.errors += own.errors;
    all.skipped += own.skipped;
    Ok(())
}

/// What a case says beside its name.
enum Verdict {
    Passed,
    Failed { message: String, text: String },
    Error { message: String },
    Skipped { message: String },
}

fn verdict(step: &Step) -> Verdict {
    let Some(end) = step.end else {
        return Verdict::Error { message: "the step did not end".to_owned() };
    };
    match end.conclusion {
        Conclusion::Success => Verdict::Passed,
        Conclusion::Failure => Verdict::Failed { message: how(step), text: last_lines(step) },
        Conclusion::Skipped => Verdict::Skipped { message: "its condition is false".to_owned() },
        Conclusion::Cancelled => Verdict::Error { message: "cancelled".to_owned() },
        Conclusion::Undetermined => Verdict::Error { message: "undetermined".to_owned() },
    }
}

/// What the job says that none of its steps says: why it did not run, or failed without a failed step.
fn job_verdict(job: &Job, cases: Sums) -> Option<Verdict> {
    match &job.state {
        JobState::Skipped { reason } => Some(Verdict::Skipped { message: reason.clone() }),
        // It did not run this time; that it passed before is no result of this run.
        JobState::Reused { from, .. } => {
            Some(Verdict::Skipped { message: format!("reused: it passed in run {from}") })
        }
        JobState::Blocked { cause } => Some(Verdict::Skipped { message: what(cause) }),
        JobState::Running { .. } => {
            Some(Verdict::Error { message: "the job did not end".to_owned() })
        }
        JobState::Finished { conclusion, .. } => match conclusion {
            Conclusion::Failure if cases.failures == 0 => {
                let (message, text) = ("the job failed".to_owned(), String::new());
                Some(Verdict::Failed { message, text })
            }
            Conclusion::Cancelled if cases.errors == 0 => {
                Some(Verdict::Error { message: "cancelled".to_owned() })
            }
            Conclusion::Undetermined => Some(Verdict::Error { message: "undetermined".to_owned() }),
            _ => None,
        },
    }
}

fn last_lines(step: &Step) -> String {
    let lines = step.tail.iter().map(|(_, line)| text::printable(line, false).into_owned());
    let annotations = step.annotations.iter().map(annotated);
    lines.chain(annotations).map(|line| line + "\n").collect()
}

fn case(
    out: &mut String,
    class: &str,
    name: &str,
    time: u64,
    verdict: Verdict,
    sums: &mut Sums,
) -> fmt::Result {
    sums.tests += 1;
    let (class, name, time) = (escape(class), escape(name), seconds(time));
    write!(out, "    <testcase classname=\"{class}\" name=\"{name}\" time=\"{time}\"")?;
    match verdict {
        Verdict::Passed => out.write_str("/>\n"),
        Verdict::Failed { message, text } => {
            sums.failures += 1;
            let (message, text) = (escape(&message), escape_text(&text));
            writeln!(
                out,
                ">\n      <failure message=\"{message}\">{text}</failure>\n    </testcase>"
            )
        }
        Verdict::Error { message } => {
            sums.errors += 1;
            writeln!(out, ">\n      <error message=\"{}\"/>\n    </testcase>", escape(&message))
        }
        Verdict::Skipped { message } => {
            sums.skipped += 1;
            writeln!(out, ">\n      <skipped message=\"{}\"/>\n    </testcase>", escape(&message))
        }
    }
}

fn step_time(step: &Step) -> u64 {
    step.end.map_or(0, |end| end.milliseconds)
}

fn sums(sums: Sums) -> String {
    let Sums { tests, failures, errors, skipped } = sums;
    format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// Text for an attribute, where blanks other than spaces need references to survive.
fn escape(text: &str) -> String {
    escape_with(text, |c| matches!(c, '\n' | '\t' | '\r'))
}

/// Text between tags.
fn escape_text(text: &str) -> String {
    escape_with(text, |c| c == '\r')
}

/// Escapes `text` after XML 1.0: what no document may hold (section 2.2) becomes U+FFFD.
fn escape_with(text: &str, is_referenced: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if is_referenced(c) => out.push_str(&format!("&#{};", u32::from(c))),
            '\t' | '\n' | '\r' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use roxmltree::{Document, Node};

    use super::*;
    use crate::{output::tests::Written, view::sample};

    fn written(events: &[Event]) -> String {
        let (written, mut progress) = (Written::default(), Progress::default());
        let mut junit = Junit::new(Output::to(written.clone()));
        for event in events {
            progress.apply(event, Duration::ZERO);
            junit.read(event, &progress);
        }
        junit.finish(&progress).unwrap();
        written.take()
    }

    fn number(node: Node<'_, '_>, name: &str) -> usize {
        node.attribute(name).unwrap().parse().unwrap()
    }

    fn under(node: Node<'_, '_>, name: &str) -> usize {
        node.descendants().filter(|child| child.has_tag_name(name)).count()
    }

    /// What readers of JUnit rely on: names and times everywhere, and sums that agree with what is there.
    fn check(text: &str) {
        let document = Document::parse(text).unwrap();
        let root = document.root_element();
        assert!(root.has_tag_name("testsuites"));
        for suite in std::iter::once(root).chain(root.children().filter(Node::is_element)) {
            assert!(suite == root || suite.has_tag_name("testsuite"));
            assert!(suite.attribute("name").is_some() && suite.attribute("time").is_some());
            let found = ["testcase", "failure", "error", "skipped"].map(|tag| under(suite, tag));
            let stated = ["tests", "failures", "errors", "skipped"].map(|sum| number(suite, sum));
            assert_eq!(found, stated);
        }
        for case in root.descendants().filter(|node| node.has_tag_name("testcase")) {
            assert!(case.attribute("name").is_some() && case.attribute("classname").is_some());
            assert!(case.children().filter(Node::is_element).count() <= 1);
        }
    }

    #[test]
    fn a_run_is_a_document_that_holds_together() {
        for events in
            [sample::mixed(), sample::passing(), sample::started(), sample::every_event(), vec![]]
        {
            check(&written(&events));
        }
    }

    #[test]
    fn a_failure_holds_its_last_lines() {
        insta::assert_snapshot!(written(&sample::mixed()), @r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="octo/repo" tests="13" failures="1" errors="0" skipped="9" time="3.456">
  <testsuite name="mac" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-11-21T07:58:00" file="ci.yml">
    <testcase classname="mac" name="job" time="0.000">
      <skipped message="no runner for `macos-14` here"/>
    </testcase>
  </testsuite>
  <testsuite name="windows" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-11-21T07:58:00" file="ci.yml">
    <testcase classname="windows" name="job" time="0.000">
      <skipped message="no runner for `windows-latest` here"/>
    </testcase>
  </testsuite>
  <testsuite name="needs-mac" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-11-21T07:58:00" file="ci.yml">
    <testcase classname="needs-mac" name="job" time="0.000">
      <skipped message="`mac` does not run here"/>
    </testcase>
  </testsuite>
  <testsuite name="after-that" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-11-21T07:58:00" file="ci.yml">
    <testcase classname="after-that" name="job" time="0.000">
      <skipped message="`needs-mac` does not run here"/>
    </testcase>
  </testsuite>
  <testsuite name="publish" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-11-21T07:58:00" file="ci.yml">
    <testcase classname="publish" name="job" time="0.000">
      <skipped message="publishing, pushing, deploying and releasing are withheld"/>
    </testcase>
  </testsuite>
  <testsuite name="lint" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-11-21T07:58:00" file="ci.yml">
    <testcase classname="lint" name="job" time="0.000">
      <skipped message="`typos` is missing"/>
    </testcase>
  </testsuite>
  <testsuite name="spell" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-11-21T07:58:00" file="ci.yml">
    <testcase classname="spell" name="job" time="0.000">
      <skipped message="`typos` is missing"/>
    </testcase>
  </testsuite>
  <testsuite name="test[3]" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-11-21T07:58:00" file="ci.yml">
    <testcase classname="test[3]" name="job" time="0.000">
      <skipped message="no runner for `ubuntu-arm` here"/>
    </testcase>
  </testsuite>
  <testsuite name="nightly" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-11-21T07:58:00" file="ci.yml">
    <testcase classname="nightly" name="job" time="0.000">
      <skipped message="`if` is false"/>
    </testcase>
  </testsuite>
  <testsuite name="test (stable)" tests="2" failures="0" errors="0" skipped="0" time="2.345" timestamp="2026-11-21T07:58:00" file="ci.yml">
    <testcase classname="test (stable)" name="Run actions/checkout@v4" time="1.234"/>
    <testcase classname="test (stable)" name="Run cargo test" time="1.234"/>
  </testsuite>
  <testsuite name="test (beta)" tests="2" failures="1" errors="0" skipped="0" time="2.345" timestamp="2026-11-21T07:58:00" file="ci.yml">
    <testcase classname="test (beta)" name="Run actions/checkout@v4" time="1.234"/>
    <testcase classname="test (beta)" name="Run cargo test" time="1.234">
      <failure message="exit code 101 after 1.2s">test number 7 ... ok
test number 8 ... ok
test number 9 ... ok
test number 10 ... ok
test number 11 ... ok
test number 12 ... ok
test number 13 ... ok
test number 14 ... ok
test number 15 ... ok
test number 16 ... ok
test number 17 ... ok
test number 18 ... ok
test number 19 ... ok
test number 20 ... ok
test number 21 ... ok
test number 22 ... ok
test number 23 ... ok
test number 24 ... ok
test number 25 ... ok
process completed with exit code 101
src/lib.rs:3:5: error: mismatched types
</failure>
    </testcase>
  </testsuite>
</testsuites>
"#);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_text_survives_but_for_what_xml_forbids(text in "(?s).{0,40}|[\0-\u{20}\u{7f}-\u{9f}<>&\"']{0,20}|.*\\]\\]>.*") {
            let xml = format!("<a b=\"{}\">{}</a>", escape(&text), escape_text(&text));
            let document = Document::parse(&xml).unwrap();
            let allowed = |c: char| match c {
                '\t' | '\n' | '\r' => c,
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
                c => c,
            };
            let expected: String = text.chars().map(allowed).collect();
            let root = document.root_element();
            prop_assert_eq!(root.attribute("b").unwrap(), &expected);
            prop_assert_eq!(root.text().unwrap_or(""), &expected);
        }

        #[test]
        fn any_log_makes_a_document(lines in prop::collection::vec("(?s).{0,30}|[\0-\u{1f}\u{1b}<&\\]>]{0,20}", 0..5), name in "(?s).{0,20}") {
            let mut events = vec![sample::run_started(), sample::job_started("a:b", &name), sample::step_started("a:b", 0, &name)];
            events.extend(lines.iter().map(|line| sample::line("a:b", 0, line)));
            events.push(sample::step_finished("a:b", 0, Conclusion::Failure));
            events.push(sample::job_finished("a:b", Conclusion::Failure));
            check(&written(&events));
        }
    }
}
