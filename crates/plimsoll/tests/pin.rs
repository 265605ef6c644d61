//! `plim pin` with real repositories of actions behind `file://`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test starts the program as a user would, and fails by a panic"
)]

mod support;

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use support::Harbour;

const CI: &str = "
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    container: node:22
    steps:
      - uses: octo/deploy@v4  # first
      - { uses: octo/deploy/sub@v4 }
      - uses: 'Octo/deploy@main'
      - uses: ./local
  call:
    uses: octo/deploy/.github/workflows/a.yml@v4.1.0
";

/// A repository with a workflow, and mirrors of actions beside it.
struct Port {
    harbour: Harbour,
    mirrors: tempfile::TempDir,
}

impl Port {
    fn with(workflow: &str) -> Self {
        let harbour = Harbour::new();
        harbour.workflow("ci.yml", workflow);
        Self { harbour, mirrors: tempfile::tempdir().unwrap() }
    }

    fn git(&self, repository: &str, arguments: &[&str]) -> String {
        let folder = self.mirrors.path().join(repository);
        fs::create_dir_all(&folder).unwrap();
        let person = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
        let output =
            Command::new("git").current_dir(folder).args(person).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Adds a commit to a mirror, with an annotated tag for each of `tags`; the commit.
    fn release(&self, repository: &str, tags: &[&str]) -> String {
        if !self.mirrors.path().join(repository).exists() {
            self.git(repository, &["init", "-q", "-b", "main"]);
        }
        self.git(repository, &["commit", "-q", "--allow-empty", "-m", "x"]);
        for tag in tags {
            self.git(repository, &["tag", "-f", "-a", "-m", "x", tag]);
        }
        self.git(repository, &["rev-parse", "HEAD"])
    }

    fn pin(&self, more: &[&str]) -> (i32, String, String) {
        let from = format!("file://{}/{{owner}}/{{repo}}", self.mirrors.path().display());
        let from = ["--from", &from];
        let from = if more.contains(&"--check") { &[][..] } else { &from[..] };
        self.plim(&[&["pin"], more, from].concat())
    }

    fn plim(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.harbour.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.harbour.root().join(path)).unwrap()
    }

    fn ci(&self) -> String {
        self.read(".github/workflows/ci.yml")
    }
}

#[test]
fn tags_become_commits_and_the_lock_keeps_both() {
    let port = Port::with(CI);
    let old = port.release("octo/deploy", &["v4.1.0"]);
    let new = port.release("octo/deploy", &["v4", "v4.2.1"]);
    fs::rename(port.mirrors.path().join("octo"), port.mirrors.path().join("Octo")).unwrap();
    std::os::unix::fs::symlink("Octo", port.mirrors.path().join("octo")).unwrap();
    let (code, stdout, stderr) = port.pin(&[]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let wanted = CI
        .replace("octo/deploy@v4  # first", &format!("octo/deploy@{new}  # v4.2.1 first"))
        .replace("octo/deploy/sub@v4 }", &format!("octo/deploy/sub@{new} }} # v4.2.1"))
        .replace("'Octo/deploy@main'", &format!("'Octo/deploy@{new}' # v4.2.1"))
        .replace("a.yml@v4.1.0", &format!("a.yml@{old} # v4.1.0"));
    assert_eq!(port.ci(), wanted);
    assert_eq!(
        port.read("plimsoll.lock"),
        format!(
            "# Kept by `plim pin`: what tags led to when they were looked at. Commit this file.\nversion = 1\n\n[actions]\n\"octo/deploy@main\" = {{ commit = \"{new}\", version = \"v4.2.1\" }}\n\"octo/deploy@v4\" = {{ commit = \"{new}\", version = \"v4.2.1\" }}\n\"octo/deploy@v4.1.0\" = {{ commit = \"{old}\", version = \"v4.1.0\" }}\n"
        )
    );
    assert!(stdout.contains("left     .github/workflows/ci.yml:6  node:22"), "{stdout}");
    assert!(
        stdout.ends_with(
            "5 uses: 4 written, 0 as the lock says, 1 left, since the lock knows no digest\n"
        ),
        "{stdout}"
    );
    // What is pinned needs no network, and stays.
    fs::remove_dir_all(port.mirrors.path().join("Octo")).unwrap();
    let (code, stdout, _) = port.pin(&["--check"]);
    assert_eq!(code, 0, "{stdout}");
    assert_eq!(port.pin(&[]).0, 0);
    assert_eq!(port.ci(), wanted);
}

#[test]
fn a_look_writes_nothing_and_is_what_the_schema_says() {
    let port = Port::with(CI);
    port.release("octo/deploy", &["v4", "v4.2.1"]);
    let (code, stdout, _) = port.pin(&["-n"]);
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("-      - uses: octo/deploy@v4  # first"), "{stdout}");
    assert_eq!(port.ci(), CI);
    assert!(!port.harbour.root().join("plimsoll.lock").exists());
    let (_, stdout, _) = port.pin(&["-n", "--format", "json"]);
    let value: Value = serde_json::from_str(&stdout).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");
    let schema = fs::read_to_string(folder.join("pinned.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&value), "{value:#}");
    assert_eq!(value[0]["state"], "left");
}

#[test]
fn what_cannot_be_resolved_is_told_with_its_place_and_left() {
    let port = Port::with(CI);
    let new = port.release("octo/deploy", &["v4", "v4.2.1"]);
    let (code, _, stderr) = port.pin(&[]);
    assert_eq!(code, 1);
    assert!(stderr.contains("has no tag or branch `v4.1.0`"), "{stderr}");
    assert!(stderr.contains(".github/workflows/ci.yml:13:11"), "{stderr}");
    assert!(port.ci().contains("a.yml@v4.1.0\n"));
    assert!(port.ci().contains(&format!("octo/deploy@{new}  # v4.2.1 first")));
    let (code, _, stderr) = port.pin(&["--from", "file:///nowhere/{owner}"]);
    assert_eq!(code, 2, "{stderr}");
}

#[test]
fn a_tag_that_moved_is_followed_only_with_update() {
    let text = "on: push\njobs:\n  a:\n    runs-on: b\n    steps:\n      - uses: octo/deploy@v4\n";
    let port = Port::with(text);
    let old = port.release("octo/deploy", &["v4", "v4.0.0"]);
    port.pin(&[]);
    let new = port.release("octo/deploy", &["v4", "v4.1.0"]);
    port.pin(&[]);
    assert!(port.ci().ends_with(&format!("@{old} # v4.0.0\n")));
    let (code, stdout, _) = port.pin(&["--update"]);
    assert_eq!(code, 0);
    assert!(stdout.starts_with("updated"), "{stdout}");
    assert!(port.ci().ends_with(&format!("@{new} # v4.1.0\n")));
    assert!(
        port.read("plimsoll.lock").contains(&format!("\"octo/deploy@v4\" = {{ commit = \"{new}\""))
    );
}

#[test]
fn tag_commit_and_comment_must_agree() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let port = Port::with(&format!(
        "on: push\njobs:\n  a:\n    runs-on: b\n    steps:\n      - uses: octo/deploy@{commit} # v4.9.0\n"
    ));
    let (code, _, stderr) = port.pin(&["--check"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("there is no `plimsoll.lock`"), "{stderr}");
    let line = format!("\"octo/deploy@v4\" = {{ commit = \"{commit}\", version = \"v4.2.1\" }}");
    port.harbour.file("plimsoll.lock", &format!("[actions]\n{line}\n"));
    let (code, stdout, _) = port.pin(&["--check", "--format", "concise"]);
    assert_eq!(code, 1);
    assert!(stdout.contains("this commit is `v4.2.1` in the lock, and `v4.9.0` here"), "{stdout}");
    let (code, _, stderr) = port.pin(&[]);
    assert_eq!(code, 1);
    assert!(stderr.contains("`v4.9.0` in its comment, and `v4.2.1` for the lock"), "{stderr}");
    port.harbour.file("plimsoll.lock", &format!("[action]\n{line}\n"));
    let (code, _, stderr) = port.plim(&["check"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("did you mean `actions`?"), "{stderr}");
}

#[test]
fn a_commit_without_a_word_gets_its_version() {
    let port = Port::with("");
    let tagged = port.release("octo/deploy", &["v1.0.0"]);
    let bare = port.release("octo/deploy", &[]);
    let text = |one: &str, other: &str| {
        format!(
            "on: push\njobs:\n  a:\n    runs-on: b\n    steps:\n      - uses: octo/deploy@{one}\n      - uses: octo/deploy@{other}\n"
        )
    };
    port.harbour.workflow("ci.yml", &text(&tagged, &bare));
    let (code, stdout, _) = port.pin(&[]);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("1 at a commit without a tag"), "{stdout}");
    assert_eq!(port.ci(), text(&format!("{tagged} # v1.0.0"), &bare));
}

#[test]
fn where_tags_will_do_they_stay_and_the_lock_mends_images() {
    let port = Port::with(CI);
    port.release("octo/deploy", &["v4.1.0"]);
    port.release("octo/deploy", &["v4"]);
    port.harbour.file("plimsoll.toml", "[check]\npins = \"tag\"\n");
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    port.harbour.file("plimsoll.lock", &format!("[images]\n\"node:22\" = \"{digest}\"\n"));
    fs::create_dir_all(port.mirrors.path().join("Octo")).unwrap();
    std::os::unix::fs::symlink("../octo/deploy", port.mirrors.path().join("Octo/deploy")).unwrap();
    let (code, stdout, stderr) = port.pin(&[]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(port.ci().contains("octo/deploy@v4  # first") && !port.ci().contains("@main"));
    assert!(port.ci().contains(&format!("container: node:22@{digest}\n")));
    assert!(port.read("plimsoll.lock").contains("\"octo/deploy@v4\" = "));
}
