//! `plim setup` with clients that stand for the real ones.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test starts the program as a user would, and fails by a panic"
)]

mod support;

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use serde_json::Value;
use support::{Harbour, seat::Seat};

/// A repository whose job misses an action, whose action misses a tool, and a user whose `cargo` builds that.
struct Port {
    harbour: Harbour,
    folder: tempfile::TempDir,
}

/// A tool that hardly a machine has of itself.
const TOOL: &str = "mdbook";

impl Port {
    fn new() -> Self {
        Self::with_steps("- uses: octo/act@v1\n")
    }

    /// A repository whose only job has these steps.
    fn with_steps(steps: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.path().join("bin").display());
        let harbour = Harbour::with_steps(steps).variable("PATH", &path);
        let port = Self { harbour, folder };
        port.cargo("1.2.3");
        port.mirror();
        port
    }

    /// A `cargo` that builds programs of this version.
    fn cargo(&self, version: &str) {
        let script = format!(
            "#!/bin/sh\nset -e\nwhile [ $# -gt 1 ]; do [ \"$1\" = --root ] && root=$2; shift; done\n\
             mkdir -p $root/bin\nprintf '#!/bin/sh\\necho {TOOL} {version}\\n' > $root/bin/$1\nchmod +x $root/bin/$1\n"
        );
        let bin = self.folder.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join("cargo"), script).unwrap();
        fs::set_permissions(bin.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn mirror(&self) {
        let mirror = self.folder.path().join("octo/act");
        fs::create_dir_all(&mirror).unwrap();
        let action = format!(
            "runs: {{using: composite, steps: [{{run: {TOOL} --version, shell: bash}}]}}\n"
        );
        fs::write(mirror.join("action.yml"), action).unwrap();
        for line in [
            "init -q -b main",
            "add -A",
            "-c user.name=T -c user.email=t@example.org commit -q -m x",
            "tag v1",
        ] {
            let git = Command::new("git").current_dir(&mirror).args(line.split(' ')).status();
            assert!(git.unwrap().success());
        }
    }

    fn setup(&self, more: &[&str]) -> (i32, String, String) {
        let from = format!("file://{}/{{owner}}/{{repo}}", self.folder.path().display());
        let arguments = [&["setup", "-e", "push", "--from", &from], more].concat();
        let output = self.harbour.command(&arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }
}

fn items(stdout: &str) -> Vec<(String, String)> {
    let value: Value = serde_json::from_str(stdout).unwrap();
    check(&value);
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = value.as_array().unwrap().iter();
    items.map(|item| (word(&item["want"]["want"]), word(&item["state"]))).collect()
}

/// Fails with every way in which `value` is not what the schema says.
fn check(value: &Value) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema/setup.schema.json");
    let schema = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<_> = schema.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{value:#}\n{}", faults.join("\n"));
}

fn pair(want: &str, state: &str) -> (String, String) {
    (want.to_owned(), state.to_owned())
}

#[test]
fn what_jobs_miss_is_got_with_what_that_uses_in_turn_and_the_job_runs() {
    let port = Port::new();
    assert_eq!(port.harbour.run().job("job"), "blocked");
    let (code, stdout, stderr) = port.setup(&["--yes", "--format", "json"]);
    assert_eq!(items(&stdout), [pair("action", "got"), pair("tool", "got")], "{stderr}");
    assert_eq!(code, 0);
    port.harbour.run().passed().prints(&format!("{TOOL} 1.2.3"));
    let (code, stdout, _) = port.setup(&["--yes"]);
    assert_eq!((code, stdout.as_str()), (0, "nothing is missing that could be got\n"));
    assert!(!port.harbour.home().join(".cargo").exists());
}

#[test]
fn looking_gets_nothing() {
    let port = Port::new();
    let (code, stdout, _) = port.setup(&["-n", "--format", "json"]);
    assert_eq!((code, items(&stdout)), (0, vec![pair("action", "wanted")]));
    let (_, stdout, _) = port.setup(&["-n"]);
    assert!(stdout.starts_with("octo/act@v1     1 job"), "{stdout}");
    assert!(!port.harbour.home().join(".cache/plimsoll/actions").exists());
}

#[test]
fn without_a_terminal_and_without_a_yes_it_is_refused() {
    let port = Port::new();
    let (code, _, stderr) = port.setup(&[]);
    assert_eq!(code, 2);
    assert!(stderr.contains("give `--yes` to get them"), "{stderr}");
    assert!(!port.harbour.home().join(".cache/plimsoll/actions").exists());
}

#[test]
fn what_does_not_come_is_told_and_the_rest_is_got() {
    let port = Port::new();
    fs::write(
        port.folder.path().join("bin/cargo"),
        "#!/bin/sh\necho 'error: dns error' >&2\nexit 1\n",
    )
    .unwrap();
    let (code, stdout, stderr) = port.setup(&["--yes"]);
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("got  octo/act@v1"), "{stdout}");
    assert!(stderr.contains("`cargo` failed: error: dns error"), "{stderr}");
    assert!(stderr.contains("there seems to be no network"), "{stderr}");
    assert_eq!(port.harbour.run().job("job"), "blocked");
}

#[test]
fn what_nobody_can_get_is_listed_and_not_promised() {
    let steps = "- run: julia --version\n";
    let harbour = Harbour::with_steps(steps);
    let harbour = harbour.variable("PATH", "/usr/bin:/bin");
    let said = |arguments: &[&str]| {
        let output = harbour.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    let (list, _) = said(&["setup", "-n", "-e", "push"]);
    assert!(list.contains("julia") && list.contains("cannot be had: "), "{list}");
    let (_, hint) = said(&["run", "-n", "-e", "push"]);
    assert_eq!(hint, "");
}

#[test]
fn a_plan_says_what_setup_would_get() {
    let port = Port::new();
    let output = port.harbour.command(&["run", "-n", "-e", "push"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "`plim setup` would get 1 thing for 1 blocked job\n");
}

/// What `plim run` asks.
const QUESTION: &str = "get these now? [y/N] ";

/// A repository whose job misses a tool that the user's `cargo` builds, and no action.
fn toolless() -> Port {
    Port::with_steps(&format!("- run: {TOOL} --version\n"))
}

impl Port {
    fn has_got(&self) -> bool {
        self.harbour.home().join(".cache/plimsoll/tools").exists()
    }
}

#[test]
fn a_run_at_a_terminal_gets_after_a_yes_what_its_jobs_miss_and_runs_them() {
    let port = toolless();
    let mut seat = Seat::take(&port.harbour, &["run", "-v", "-e", "push"]);
    seat.wait_for("for 1 blocked job, these would come into Plimsoll's own cache");
    seat.wait_for(TOOL).wait_for("1 job").wait_for("size not known").wait_for("from ");
    seat.wait_for(QUESTION);
    assert!(!port.has_got(), "something was got before the yes");
    seat.type_in("y\n").wait_for(&format!("got  {TOOL}: 1.2.3")).wait_for("got 1 thing");
    let (shown, code) = seat.leave();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(&format!("    {TOOL} 1.2.3")) && shown.contains("passed 1"), "{shown}");
    assert_eq!(shown.matches(QUESTION).count(), 1, "{shown}");
    let (shown, code) = port.harbour.run_at(&["run", "-e", "push"]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains(QUESTION), "there is nothing to ask any more:\n{shown}");
}

#[test]
fn a_run_at_a_terminal_goes_on_after_a_no_and_gets_nothing() {
    let port = toolless();
    for answer in ["n\n", "\n"] {
        let mut seat = Seat::take(&port.harbour, &["run", "-e", "push"]);
        seat.wait_for(QUESTION).type_in(answer);
        seat.wait_for("`plim setup` would get 1 thing for 1 blocked job");
        let (shown, code) = seat.leave();
        assert_eq!(code, Some(5), "{shown}");
        assert!(shown.contains("blocked 1") && !port.has_got(), "{shown}");
    }
}

#[test]
fn a_run_tells_what_did_not_come_after_a_yes_and_goes_on_without_it() {
    let port = toolless();
    let cargo = port.folder.path().join("bin/cargo");
    fs::write(cargo, "#!/bin/sh\necho 'error: dns error' >&2\nexit 1\n").unwrap();
    let mut seat = Seat::take(&port.harbour, &["run", "-e", "push"]);
    seat.wait_for(QUESTION).type_in("y\n").wait_for("`cargo` failed: error: dns error");
    let (shown, code) = seat.leave();
    assert_eq!(code, Some(5), "{shown}");
    assert!(shown.contains("1 could not be had") && shown.contains("blocked 1"), "{shown}");
}

#[test]
fn a_retry_offers_what_kept_jobs_from_running() {
    let port = toolless();
    let retry = ["run", "--failed", "-e", "push"];
    let (shown, code) = port.harbour.run_at(&retry);
    assert_eq!(code, Some(4), "{shown}");
    assert!(shown.contains("no run is kept") && !shown.contains(QUESTION), "{shown}");
    port.harbour.run_with(&["-e", "push"]);
    let mut seat = Seat::take(&port.harbour, &retry);
    seat.wait_for(QUESTION).type_in("y\n").wait_for("passed 1");
    let (shown, code) = seat.leave();
    assert_eq!(code, Some(0), "{shown}");
}

#[test]
fn a_run_asks_nobody_who_is_a_program_or_only_looks() {
    let port = toolless();
    let job = "{ runs-on: ubuntu-latest, steps: [{ run: exit 1 }] }";
    port.harbour.workflow("other.yml", &format!("on: push\njobs: {{ other: {job} }}\n"));
    port.harbour.run_with(&["-e", "push"]);
    for more in [
        &["-n"][..],
        &["--failed", "-n"],
        &["--format", "concise"],
        &["--format", "json"],
        &["--format", "junit"],
    ] {
        let (shown, _) = port.harbour.run_at(&[&["run", "-e", "push"], more].concat());
        assert!(shown.contains(TOOL) && !shown.contains(QUESTION), "{more:?}:\n{shown}");
    }
    let mut port = toolless();
    port.harbour = port.harbour.variable("CI", "true");
    let (shown, code) = port.harbour.run_at(&["run", "-e", "push"]);
    assert_eq!(code, Some(5), "{shown}");
    assert!(shown.contains("`plim setup` would get") && !shown.contains(QUESTION), "{shown}");
}

#[test]
fn who_watches_is_asked_once() {
    let port = toolless();
    port.harbour.commit();
    let mut seat = Seat::take(&port.harbour, &["run", "--watch", "-e", "push"]);
    seat.wait_for(QUESTION).type_in("n\n").wait_for("waiting for a change");
    port.harbour.file("new", "1");
    seat.wait_for("running again").wait_for("blocked 1").wait_for("waiting for a change");
    seat.type_in("\u{3}");
    let (shown, code) = seat.leave();
    assert_eq!((code, shown.matches(QUESTION).count()), (Some(130), 1), "{shown}");
}

#[test]
fn an_interrupt_at_the_question_ends_it_all() {
    let port = toolless();
    let mut seat = Seat::take(&port.harbour, &["run", "-e", "push"]);
    seat.wait_for(QUESTION).type_in("\u{3}");
    let (shown, code) = seat.leave();
    assert_ne!(code, Some(0), "{shown}");
    assert!(!shown.contains("blocked 1") && !port.has_got(), "{shown}");
}
