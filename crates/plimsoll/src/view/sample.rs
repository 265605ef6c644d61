//! Fixed streams of events for the tests of readers.

use plim_run::{
    Event, JobKey, Want,
    basis::Basis,
    event::{Annotation, Cause, Conclusion, Counts, Fix, Level, LineKind, RunResult},
};

pub(crate) fn key(text: &str) -> JobKey {
    JobKey(text.into())
}

pub(crate) fn run_started() -> Event {
    Event::RunStarted {
        run: "20261121-075800".into(),
        repository: "octo/repo".into(),
        commit: "c0ffee0123456789c0ffee0123456789c0ffee01".into(),
        dirty: true,
        at: "2026-11-21T07:58:00Z".to_owned(),
        asked: "sha256:0123".into(),
    }
}

pub(crate) fn workflow_started(path: &str, name: &str) -> Event {
    Event::WorkflowStarted { workflow: path.into(), name: name.into(), trigger: "push".into() }
}

pub(crate) fn job_started(job: &str, name: &str) -> Event {
    let (job, at) = (key(job), "2026-11-21T07:58:00Z".to_owned());
    Event::JobStarted { job, name: name.into(), workflow: "ci.yml".into(), at }
}

pub(crate) fn step_started(job: &str, step: u32, name: &str) -> Event {
    Event::StepStarted { job: key(job), step, name: name.into() }
}

pub(crate) fn log(job: &str, step: u32, kind: LineKind, text: &str) -> Event {
    Event::Log { job: key(job), step, kind, text: text.to_owned() }
}

pub(crate) fn line(job: &str, step: u32, text: &str) -> Event {
    log(job, step, LineKind::Text, text)
}

pub(crate) fn step_finished(job: &str, step: u32, conclusion: Conclusion) -> Event {
    let exit_code = match conclusion {
        Conclusion::Success => Some(0),
        Conclusion::Failure => Some(101),
        _ => None,
    };
    let (job, outcome, milliseconds) = (key(job), conclusion, 1_234);
    Event::StepFinished { job, step, outcome, conclusion, exit_code, milliseconds }
}

pub(crate) fn job_finished(job: &str, conclusion: Conclusion) -> Event {
    Event::JobFinished { job: key(job), conclusion, outputs: vec![], milliseconds: 2_345 }
}

pub(crate) fn job_skipped(job: &str) -> Event {
    let (name, workflow) = (job.rsplit(':').next().unwrap().into(), "ci.yml".into());
    let reason = "`if` is false".to_owned();
    Event::JobSkipped { job: key(job), name, workflow, reason }
}

pub(crate) fn job_reused(job: &str) -> Event {
    let (name, workflow) = (job.rsplit(':').next().unwrap().into(), "ci.yml".into());
    let (from, outputs) = ("20261120-180000".into(), vec![]);
    Event::JobReused { job: key(job), name, workflow, from, outputs, milliseconds: 2_345 }
}

pub(crate) fn job_blocked(job: &str, cause: Cause) -> Event {
    let (name, workflow) = (job.rsplit(':').next().unwrap().into(), "ci.yml".into());
    Event::JobBlocked { job: key(job), name, workflow, cause }
}

pub(crate) fn run_finished(result: RunResult, counts: Counts) -> Event {
    Event::RunFinished { result, counts, milliseconds: 3_456 }
}

/// A run with one job and one step that goes on.
pub(crate) fn started() -> Vec<Event> {
    vec![
        run_started(),
        workflow_started("ci.yml", "CI"),
        job_started("ci.yml:test", "test"),
        step_started("ci.yml:test", 0, "Run cargo test"),
    ]
}

/// One job that passes.
pub(crate) fn passing() -> Vec<Event> {
    let mut events = started();
    events.extend([
        log("ci.yml:test", 0, LineKind::Command, "cargo test"),
        line("ci.yml:test", 0, "\u{1b}[32mok\u{1b}[0m: 3 tests"),
        step_finished("ci.yml:test", 0, Conclusion::Success),
        job_finished("ci.yml:test", Conclusion::Success),
        run_finished(RunResult::Passed, Counts { passed: 1, ..Counts::default() }),
    ]);
    events
}

/// Two jobs at once of which one fails, and every reason why others do not run.
pub(crate) fn mixed() -> Vec<Event> {
    let mut events = vec![
        run_started(),
        planned(),
        workflow_started("ci.yml", "CI"),
        job_blocked("ci.yml:mac", runner("macos-14", false)),
        job_blocked("ci.yml:windows", runner("windows-latest", true)),
        job_blocked("ci.yml:needs-mac", Cause::Needs { job: "mac".into() }),
        job_blocked("ci.yml:after-that", Cause::Needs { job: "needs-mac".into() }),
        job_blocked(
            "ci.yml:publish",
            Cause::Publishes { what: "`cargo publish` in step 3".into() },
        ),
        job_blocked("ci.yml:lint", tool("typos")),
        job_blocked("ci.yml:spell", tool("typos")),
        job_blocked("ci.yml:test[3]", runner("ubuntu-arm", false)),
        job_skipped("ci.yml:nightly"),
        job_started("ci.yml:test[1]", "test (stable)"),
        job_started("ci.yml:test[2]", "test (beta)"),
        step_started("ci.yml:test[1]", 0, "Run actions/checkout@v4"),
        step_started("ci.yml:test[2]", 0, "Run actions/checkout@v4"),
        step_finished("ci.yml:test[1]", 0, Conclusion::Success),
        step_finished("ci.yml:test[2]", 0, Conclusion::Success),
        step_started("ci.yml:test[1]", 1, "Run cargo test"),
        step_started("ci.yml:test[2]", 1, "Run cargo test"),
    ];
    events.extend((1..=25).map(|i| line("ci.yml:test[2]", 1, &format!("test number {i} ... ok"))));
    events.extend([
        log("ci.yml:test[2]", 1, LineKind::Error, "process completed with exit code 101"),
        Event::Annotated { job: key("ci.yml:test[2]"), step: 1, annotation: annotation() },
        artifact("ci.yml:test[1]"),
        step_finished("ci.yml:test[2]", 1, Conclusion::Failure),
        step_finished("ci.yml:test[1]", 1, Conclusion::Success),
        job_finished("ci.yml:test[2]", Conclusion::Failure),
        job_finished("ci.yml:test[1]", Conclusion::Success),
        notice(),
        run_finished(RunResult::Failed, counts()),
    ]);
    events
}

/// What the plan of the mixed run comes to.
pub(crate) fn planned() -> Event {
    let fixes = vec![Fix { command: "plim setup".to_owned(), unblocks: 2, adds: 2 }];
    Event::Planned { ready: 2, blocked: 2, withheld: 1, elsewhere: 5, skipped: 1, later: 0, fixes }
}

fn counts() -> Counts {
    Counts {
        passed: 1,
        failed: 1,
        skipped: 1,
        blocked: 5,
        withheld: 1,
        undetermined: 2,
        cancelled: 0,
        reused: 0,
    }
}

pub(crate) fn notice() -> Event {
    let text = "the output `token` holds a secret and is dropped".to_owned();
    Event::Notice { job: Some(key("ci.yml:test[1]")), level: Level::Warning, text }
}

pub(crate) fn artifact(job: &str) -> Event {
    let digest = "sha256:0123".to_owned();
    Event::ArtifactStored { job: key(job), name: "report".into(), bytes: 1_258_291, digest }
}

pub(crate) fn annotation() -> Annotation {
    Annotation {
        level: Level::Error,
        message: "mismatched types\nexpected u8".to_owned(),
        title: Some("E0308".to_owned()),
        path: Some("src/lib.rs".to_owned()),
        line: Some(3),
        end_line: Some(3),
        column: Some(5),
        end_column: Some(9),
    }
}

pub(crate) fn runner(label: &str, expected: bool) -> Cause {
    Cause::Runner { labels: vec![label.to_owned()], expected }
}

pub(crate) fn tool(name: &str) -> Cause {
    Cause::Tool { name: name.to_owned(), needed_by: "step 2".to_owned() }
}

/// One of every cause.
pub(crate) fn causes() -> Vec<Cause> {
    let text = str::to_owned;
    vec![
        runner("macos-14", false),
        runner("windows-latest", true),
        Cause::Container { what: text("services") },
        tool("typos"),
        Cause::Missing {
            want: Want::Tool { name: text("node"), version: Some(text("22")) },
            found: Some(text("18.19.1")),
            needed_by: text("`actions/setup-node`"),
        },
        Cause::Missing {
            want: Want::Toolchain {
                channel: text("nightly"),
                components: vec![text("miri")],
                targets: vec![],
                profile: None,
            },
            found: None,
            needed_by: text("`dtolnay/rust-toolchain`"),
        },
        Cause::Action { uses: text("octo/action@v1") },
        Cause::Input {
            action: text("actions/cache"),
            input: text("x"),
            reason: text("it is for Windows"),
        },
        Cause::Publishes { what: text("`git push` in step 3") },
        Cause::Approval { environment: text("production") },
        Cause::Privilege { what: text("`sudo apt-get` in step 1"), packages: vec![text("mold")] },
        Cause::Heavy { what: text("a first build, of which a run makes 8 unasked") },
        Cause::Unreadable { reason: text("`stesp` is not a key of a job") },
        Cause::Needs { job: text("build") },
    ]
}

/// One of every event; a new kind of event does not compile until it is here.
pub(crate) fn every_event() -> Vec<Event> {
    let mut events = mixed();
    events.push(Event::Summary { job: key("ci.yml:test[1]"), step: 1, text: "# Title".to_owned() });
    let (uses, commit) = ("octo/act@v1".into(), "0123456789".repeat(4).into());
    events.push(Event::ActionUsed { job: key("ci.yml:test[1]"), uses, commit });
    let outputs = vec![("digest".into(), "abc".to_owned())];
    let conclusion = Conclusion::Undetermined;
    events.push(Event::JobFinished { job: key("ci.yml:x"), conclusion, outputs, milliseconds: 0 });
    events.push(job_reused("ci.yml:lint"));
    let basis = Basis { withheld: vec!["token".to_owned()], by_hand: true, ..Basis::default() };
    events.push(Event::JobBasis { job: key("ci.yml:lint"), basis: Box::new(basis) });
    events.extend(causes().into_iter().map(|cause| job_blocked("ci.yml:blocked", cause)));
    for event in &events {
        match event {
            Event::RunStarted { .. }
            | Event::Planned { .. }
            | Event::WorkflowStarted { .. }
            | Event::JobSkipped { .. }
            | Event::JobReused { .. }
            | Event::JobBasis { .. }
            | Event::JobBlocked { .. }
            | Event::JobStarted { .. }
            | Event::StepStarted { .. }
            | Event::Log { .. }
            | Event::Annotated { .. }
            | Event::Summary { .. }
            | Event::StepFinished { .. }
            | Event::ActionUsed { .. }
            | Event::ArtifactStored { .. }
            | Event::JobFinished { .. }
            | Event::Notice { .. }
            | Event::RunFinished { .. } => {}
        }
    }
    events
}
