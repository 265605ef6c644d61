//! Keeps runs, loses none to a crash or a second run, and forgets the oldest first.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use plim_run::{
    Event, JobKey,
    event::{Cause, Conclusion, Counts, LineKind, RunResult},
    history::{Budget, History, LogEntry, Recorder, State, Verdict},
};

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_247_880)
}

fn key(text: &str) -> JobKey {
    JobKey(text.into())
}

fn job_started(job: &str) -> Event {
    let at = "2026-11-21T07:58:00Z".to_owned();
    Event::JobStarted { job: key(job), name: job.into(), workflow: "ci.yml".into(), at }
}

fn line(job: &str, text: &str) -> Event {
    Event::Log { job: key(job), step: 0, kind: LineKind::Text, text: text.to_owned() }
}

fn job_finished(job: &str) -> Event {
    let (conclusion, outputs) = (Conclusion::Success, vec![]);
    Event::JobFinished { job: key(job), conclusion, outputs, milliseconds: 12 }
}

fn run_finished() -> Event {
    let (result, counts) = (RunResult::Passed, Counts { passed: 1, ..Counts::default() });
    Event::RunFinished { result, counts, milliseconds: 34 }
}

fn started(recorder: &Recorder) -> Event {
    Event::RunStarted {
        run: recorder.id().clone(),
        repository: "o/r".into(),
        commit: "c0ffee".into(),
        dirty: true,
        at: "2026-11-21T07:58:00Z".to_owned(),
        asked: "sha256:0123".into(),
    }
}

/// A whole run of one job that writes `text`.
fn run(history: &History, text: &str) -> String {
    let mut recorder = history.begin(now()).unwrap();
    recorder.record(&started(&recorder));
    for event in
        [job_started("ci.yml:a"), line("ci.yml:a", text), job_finished("ci.yml:a"), run_finished()]
    {
        recorder.record(&event);
    }
    assert_eq!(recorder.trouble(), None);
    recorder.id().to_string()
}

#[test]
fn a_run_is_read_back_as_it_was_told() {
    let root = tempfile::tempdir().unwrap();
    let history = History::of(root.path());
    let id = run(&history, "hello");
    let past = history.find("latest").unwrap();
    assert_eq!(past.id().to_string(), id);
    let State::Finished(outcome) = past.state() else { panic!("{:?}", past.state()) };
    assert_eq!((outcome.repository.as_str(), outcome.dirty), ("o/r", true));
    assert_eq!(
        outcome.jobs[0].verdict,
        Verdict::Ran { conclusion: Conclusion::Success, milliseconds: 12 }
    );
    let names: Vec<_> = past.events().unwrap().collect();
    assert!(matches!(
        names[..],
        [
            Event::RunStarted { .. },
            Event::JobStarted { .. },
            Event::JobFinished { .. },
            Event::RunFinished { .. }
        ]
    ));
    let log: Vec<_> = past.log(1, &key("ci.yml:a")).unwrap().unwrap().map(Result::unwrap).collect();
    assert_eq!(log[1], LogEntry::Line { step: 0, kind: LineKind::Text, text: "hello".to_owned() });
    assert_eq!(
        fs::metadata(past.folder().join(outcome.jobs[0].log.as_ref().unwrap())).unwrap().len(),
        15
    );
    assert!(past.bytes() > 500);
}

#[test]
fn runs_of_one_second_have_different_ids() {
    let root = tempfile::tempdir().unwrap();
    let history = History::of(root.path());
    let begin = || history.begin(now()).unwrap().id().to_string();
    let ids = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(begin)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<std::collections::BTreeSet<_>>()
    });
    assert_eq!(ids.len(), 4);
    assert!(ids.contains("20261121-075800") && ids.contains("20261121-075800-4"));
    assert_eq!(history.find("20261121-075800").unwrap().id().to_string(), "20261121-075800");
    assert!(history.find("2026").unwrap_err().to_string().contains("4 runs"));
    assert!(history.find("2027").is_err() && history.find("").is_err());
}

#[test]
fn a_run_that_was_cut_off_can_be_read_and_is_marked() {
    let root = tempfile::tempdir().unwrap();
    let history = History::of(root.path());
    let mut recorder = history.begin(now()).unwrap();
    for event in [started(&recorder), job_started("ci.yml:a"), line("ci.yml:a", "first")] {
        recorder.record(&event);
    }
    recorder.flush();
    let past = history.find("latest").unwrap();
    assert_eq!(past.state(), State::Running);
    drop(recorder);
    let path = past.folder().join("events.jsonl");
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("{\"event\":\"job-fin");
    fs::write(&path, text).unwrap();
    assert_eq!(past.state(), State::Interrupted);
    assert_eq!(past.events().unwrap().count(), 2);
    assert_eq!(past.log(1, &key("ci.yml:a")).unwrap().unwrap().count(), 2);
}

#[test]
fn why_a_job_did_not_run_is_kept() {
    let root = tempfile::tempdir().unwrap();
    let history = History::of(root.path());
    let mut recorder = history.begin(now()).unwrap();
    let cause = Cause::Runner { labels: vec!["macos-14".into()], expected: false };
    let (name, workflow) = ("mac".into(), "ci.yml".into());
    recorder.record(&Event::JobBlocked {
        job: key("ci.yml:mac"),
        name,
        workflow,
        cause: cause.clone(),
    });
    recorder.record(&job_started("ci.yml:a"));
    recorder.record(&run_finished());
    let State::Finished(outcome) = history.find("latest").unwrap().state() else { panic!() };
    assert_eq!(outcome.jobs[0].verdict, Verdict::Blocked { cause });
    assert_eq!(outcome.jobs[1].verdict, Verdict::Unfinished);
}

#[test]
fn lines_of_steps_at_the_same_time_stay_apart_and_summaries_are_markdown() {
    let root = tempfile::tempdir().unwrap();
    let history = History::of(root.path());
    let mut recorder = history.begin(now()).unwrap();
    recorder.record(&job_started("ci.yml:a/b[1]"));
    for (step, text) in [(0, "one"), (1, "two"), (0, "three")] {
        let (job, kind, text) = (key("ci.yml:a/b[1]"), LineKind::Text, text.to_owned());
        recorder.record(&Event::Log { job, step, kind, text });
    }
    recorder.record(&Event::Summary { job: key("ci.yml:a/b[1]"), step: 0, text: "# Title".into() });
    recorder.record(&job_finished("ci.yml:a/b[1]"));
    let folder = recorder.folder();
    let log = fs::read_to_string(folder.join("jobs/001-ci.yml.a.b.1.log")).unwrap();
    assert_eq!(log, "▸ 0 \n  one\n▸ 1 \n  two\n▸ 0 \n  three\n");
    let summary = fs::read_to_string(folder.join("summaries/001-ci.yml.a.b.1.md")).unwrap();
    assert_eq!(summary, "# Title\n");
}

#[test]
fn what_cannot_be_written_is_told_once_and_stops_nothing() {
    let root = tempfile::tempdir().unwrap();
    let history = History::of(root.path());
    let mut recorder = history.begin(now()).unwrap();
    fs::write(recorder.folder().join("jobs"), "in the way").unwrap();
    recorder.record(&job_started("ci.yml:a"));
    recorder.record(&line("ci.yml:a", "lost"));
    assert!(recorder.trouble().unwrap().contains("cannot write to"));
    recorder.record(&line("ci.yml:a", "lost, too"));
    recorder.record(&run_finished());
    assert_eq!(recorder.trouble(), None);
    let State::Finished(outcome) = history.find("latest").unwrap().state() else { panic!() };
    assert!(outcome.lost.is_some());
}

#[test]
fn the_oldest_runs_are_forgotten_but_never_the_newest_or_one_that_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let history = History::of(root.path());
    let going_on = history.begin(now()).unwrap();
    let id = going_on.id().as_ref();
    let ids: Vec<_> = (0..4).map(|_| run(&history, &"x".repeat(1000))).collect();
    let would = history.would_free(Budget::newest(2)).unwrap();
    let freed = history.keep_within(Budget::newest(2)).unwrap();
    assert_eq!((freed, freed.count), (would, 2));
    assert!(freed.bytes > 2000);
    assert_eq!(kept(&history), [&*ids[3], &*ids[2], id]);
    history.keep_within(Budget { runs: 9, bytes: 1 }).unwrap();
    assert_eq!(kept(&history), [&*ids[3], id]);
    assert_eq!(history.remove_all().unwrap().count, 1);
    assert_eq!(kept(&history), [id]);
}

fn kept(history: &History) -> Vec<String> {
    history.runs().unwrap().iter().map(|run| run.id().to_string()).collect()
}

#[test]
fn remains_of_a_removal_that_a_crash_cut_off_go_next_time() {
    let root = tempfile::tempdir().unwrap();
    let history = History::of(root.path());
    run(&history, "x");
    let remains = history.folder().join(".removing-20200101-000000");
    fs::create_dir(&remains).unwrap();
    history.keep_within(Budget::default()).unwrap();
    assert!(!remains.exists());
}

#[test]
fn nothing_is_removed_through_a_link() {
    let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let precious = elsewhere.path().join("20200101-000000");
    fs::create_dir(&precious).unwrap();
    fs::create_dir(root.path().join(".plimsoll")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), root.path().join(".plimsoll/runs")).unwrap();
    let history = History::of(root.path());
    assert!(history.remove_all().is_err() && history.keep_within(Budget::newest(0)).is_err());
    assert!(history.begin(now()).is_err());
    assert!(precious.exists());
}

#[test]
fn git_sees_nothing_of_it() {
    let root = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| -> String {
        #[expect(clippy::disallowed_methods, reason = "the test asks the real git")]
        let output =
            std::process::Command::new("git").args(arguments).current_dir(root.path()).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    git(&["init", "-q"]);
    run(&History::of(root.path()), "x");
    assert_eq!(git(&["status", "--porcelain"]), "");
    fs::create_dir(Path::new(root.path()).join(".plimsoll/evidence")).unwrap();
    fs::write(root.path().join(".plimsoll/evidence/a.json"), "{}").unwrap();
    assert_eq!(git(&["status", "--porcelain", "-uall"]), "?? .plimsoll/evidence/a.json\n");
}
