//! A disk that is full, and folders that may not be read.
//!
//! A disk of our own can be mounted by root only, and root may read everything: what cannot be made here is ignored
//! visibly. That is why this executable has a `main` of its own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, and start the program as another user and on another disk"
)]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use support::Harbour;

/// The number of `nobody`.
const ORDINARY: u32 = 65534;

fn main() -> ExitCode {
    let trial = |name: &'static str, check: fn()| {
        Trial::test(name, move || {
            check();
            Ok::<_, Failed>(())
        })
    };
    let no_disk = !can_mount();
    let trials = vec![
        trial("a_disk_that_fills_up_fails_the_step_and_is_told", a_disk_that_fills_up)
            .with_ignored_flag(no_disk),
        trial("a_disk_that_is_full_is_told_at_once", a_disk_that_is_full)
            .with_ignored_flag(no_disk),
        trial("an_unreadable_folder_is_named", an_unreadable_folder_is_named),
        trial("an_unreadable_folder_of_workflows_is_named", unreadable_workflows),
        trial("an_unreadable_workflow_is_named", unreadable_workflow),
        trial("an_unreadable_repository_is_named", unreadable_repository),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Whether a disk can be mounted that only our own processes see.
fn can_mount() -> bool {
    let mut command = Command::new("unshare");
    let mounted = command.args(["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    mounted.is_ok_and(|output| output.status.success())
}

fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// Runs what is in `harbour` with repository and home on a disk of two mebibytes; `before` prepares it.
fn on_a_small_disk(harbour: &Harbour, before: &str) -> String {
    let base = harbour.home().parent().unwrap().to_owned();
    let script = format!(
        "cp -a '{base}' /tmp/plim-disk-$$ && mount -t tmpfs -o size=2m none '{base}' &&
         cp -a /tmp/plim-disk-$$/. '{base}' && rm -rf /tmp/plim-disk-$$ && cd '{base}/repo' &&
         {{ {before}; }}
         '{plim}' run; echo \"ended with $?\"
         rm -f ../fill; '{plim}' runs --format concise",
        base = base.display(),
        plim = env!("CARGO_BIN_EXE_plim"),
    );
    let mut command = Command::new("unshare");
    let path = std::env::var_os("PATH").unwrap();
    command.args(["-m", "sh", "-c", &script]).env_clear();
    command.env("PATH", path).env("HOME", harbour.home());
    text(&command.output().unwrap())
}

const FILLING: &str = "
    - run: echo begun
    - run: head -c 10000000 /dev/zero > fill
    - if: always()
      run: echo never
";

fn a_disk_that_fills_up() {
    let said = on_a_small_disk(&Harbour::with_steps(FILLING), "true");
    for words in [
        "begun",
        "head: error writing 'standard output': No space left on device",
        "ended with 1",
        ": failed\n",
    ] {
        assert!(said.contains(words), "{words:?} is not in {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

fn a_disk_that_is_full() {
    let fill = "head -c 10000000 /dev/zero > ../fill 2> /dev/null || true";
    let said = on_a_small_disk(&Harbour::with_steps(FILLING), fill);
    for words in ["this run is not kept", "No space left on device", "ended with 1"] {
        assert!(said.contains(words), "{words:?} is not in {said}");
    }
    // There is no log to be read later, and none is offered.
    assert!(!said.contains("plim runs log") && !said.contains("panicked"), "{said}");
}

/// Runs `plim` as an ordinary user, whom everything of `harbour` belongs to.
fn as_an_ordinary_user(harbour: &Harbour, closed: &str) -> (Option<i32>, String) {
    let base = harbour.home().parent().unwrap().to_owned();
    let program = base.join("plim");
    // A copy that we wrote ourselves could still be open for writing in a child of another test.
    let mut copy = Command::new("cp");
    assert!(copy.arg(env!("CARGO_BIN_EXE_plim")).arg(&program).status().unwrap().success());
    let root = is_root(&base);
    if root {
        fs::set_permissions(&base, PermissionsExt::from_mode(0o755)).unwrap();
        everything(&base).iter().for_each(|path| {
            std::os::unix::fs::lchown(path, Some(ORDINARY), Some(ORDINARY)).unwrap();
        });
        chown(&base, Some(ORDINARY), Some(ORDINARY)).unwrap();
    }
    let closed = harbour.root().join(closed);
    let open = fs::metadata(&closed).unwrap().permissions();
    fs::set_permissions(&closed, PermissionsExt::from_mode(0o000)).unwrap();
    let mut command = Command::new(&program);
    command.args(["run", "-C"]).arg(harbour.root()).current_dir("/").env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", harbour.home());
    if root {
        command.uid(ORDINARY).gid(ORDINARY);
    }
    let output = command.output().unwrap();
    fs::set_permissions(&closed, open).unwrap();
    (output.status.code(), text(&output))
}

/// Whether what we make belongs to root.
fn is_root(path: &Path) -> bool {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata(path).unwrap()) == 0
}

fn everything(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            found.extend(everything(&entry.path()));
        }
        found.push(entry.path());
    }
    found
}

#[track_caller]
fn says(harbour: &Harbour, closed: &str, code: i32, words: &[&str]) {
    let (ended, said) = as_an_ordinary_user(harbour, closed);
    assert_eq!(ended, Some(code), "{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in {said}");
    }
}

fn an_unreadable_folder_is_named() {
    let warning =
        "could not read the folder `closed/`: what is not committed of it is missing from this run";
    let listing = || {
        let harbour =
            Harbour::with_steps("- uses: actions/checkout@v4\n- run: ls closed || echo none");
        harbour.file("closed/file", "x");
        harbour
    };
    says(&listing(), "closed", 0, &[warning, "    none\n"]);
    let committed = listing();
    committed.commit();
    says(&committed, "closed", 0, &[warning, "    file\n"]);
}

fn unreadable_workflows() {
    let harbour = Harbour::with_steps("- run: echo ran");
    let words =
        [".github/workflows`: Permission denied", "help: give yourself the right to read it"];
    says(&harbour, ".github/workflows", 2, &words);
}

fn unreadable_workflow() {
    let harbour = Harbour::with_steps("- run: echo ran");
    let words = ["could not read `.github/workflows/ci.yml`: Permission denied"];
    says(&harbour, ".github/workflows/ci.yml", 1, &words);
}

fn unreadable_repository() {
    let harbour = Harbour::with_steps("- run: echo ran");
    says(&harbour, "", 2, &["Permission denied", "help: give yourself the right to read it"]);
}
