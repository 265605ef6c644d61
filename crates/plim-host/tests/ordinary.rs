//! What an ordinary user may not do, which root may.
//!
//! When run by root, this executable runs itself once more as an ordinary user; that is why it has
//! a `main` of its own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use plim_host::files::{copy_tree, remove_tree, replace};
use plim_host::git::{Checkout, Head, Layout, Source, Store, Workspace};
use plim_host::{Environment, HostError, User};
use plim_test::sandbox::{Repository, Sandbox};
use support::{cell, sh};

/// The number of `nobody`.
const ORDINARY: u32 = 65534;

fn main() -> ExitCode {
    if User::this().is_root() {
        let all = vec![Trial::test("as_an_ordinary_user", as_an_ordinary_user)];
        return libtest_mimic::run(&Arguments::from_args(), all).exit_code();
    }
    let trials: [(&str, fn()); 6] = [
        ("a_folder_that_may_not_be_entered_is_named", a_folder_that_may_not_be_entered_is_named),
        (
            "a_program_that_may_not_be_executed_has_advice",
            a_program_that_may_not_be_executed_has_advice,
        ),
        ("a_file_that_may_not_be_read_is_named", a_file_that_may_not_be_read_is_named),
        (
            "folders_without_write_permission_are_removed",
            folders_without_write_permission_are_removed,
        ),
        (
            "folders_without_write_permission_are_copied",
            folders_without_write_permission_are_copied,
        ),
        ("a_workspace_with_such_folders_is_cleaned", a_workspace_with_such_folders_is_cleaned),
    ];
    let trial = |(name, check): (&str, fn())| {
        Trial::test(name, move || {
            check();
            Ok::<_, Failed>(())
        })
    };
    libtest_mimic::run(&Arguments::from_args(), trials.map(trial).into()).exit_code()
}

fn as_an_ordinary_user() -> Result<(), Failed> {
    let sandbox = Sandbox::new();
    support::copy_this_program(&sandbox.at("test"));
    sandbox.chmod("", 0o755).chmod("test", 0o755);
    let mut command = Command::new(sandbox.at("test"));
    command.uid(ORDINARY).gid(ORDINARY).env("HOME", "/nonexistent").current_dir("/");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { Ok(()) } else { Err(text.into()) }
}

fn environment() -> Environment {
    [("PATH", "/usr/bin:/bin"), ("HOME", "/nonexistent")].into_iter().collect()
}

fn a_folder_that_may_not_be_entered_is_named() {
    let sandbox = Sandbox::new();
    sandbox.folder("closed").chmod("closed", 0);
    let mut command = sh("true");
    command.directory = sandbox.at("closed");
    match cell().spawn(&command).unwrap_err() {
        HostError::Directory { directory, source } => {
            assert_eq!(directory, sandbox.at("closed"));
            assert_eq!(source.kind(), io::ErrorKind::PermissionDenied);
        }
        other => unreachable!("{other:?}"),
    }
}

fn a_program_that_may_not_be_executed_has_advice() {
    let sandbox = Sandbox::new();
    sandbox.write("script", "#!/bin/sh\n");
    let file = sandbox.at("script");
    let error = cell().spawn(&plim_host::Command::new(&file, "/")).unwrap_err();
    let advice = format!("make it executable: `chmod +x {}`", file.display());
    assert_eq!(error.help(), Some(advice));
}

fn a_file_that_may_not_be_read_is_named() {
    let (repository, ours) = (Repository::new(), Sandbox::new());
    repository.commit("first");
    repository.write("secret", "1").chmod("secret", 0);
    let layout = Layout::discover(repository.path()).unwrap().unwrap();
    let store = Store::open(&ours.at("store"), Source::Repository(layout), &environment()).unwrap();
    let error = store.snapshot().unwrap_err();
    assert!(error.to_string().contains("open(\"secret\"): Permission denied"), "{error}");
    let error = replace(&repository.at("no/way"), b"").unwrap_err();
    assert!(matches!(error, HostError::File { doing: "write", .. }), "{error:?}");
}

fn folders_without_write_permission_are_removed() {
    let sandbox = Sandbox::new();
    sandbox.write("gone/a/b/file", "").chmod("gone/a/b/file", 0o444);
    sandbox.chmod("gone/a/b", 0o555).chmod("gone/a", 0o555);
    remove_tree(&sandbox.at("gone")).unwrap();
    assert!(!sandbox.exists("gone"));
}

fn folders_without_write_permission_are_copied() {
    let sandbox = Sandbox::new();
    sandbox.write("from/a/file", "1").chmod("from/a/file", 0o444).chmod("from/a", 0o555);
    copy_tree(&sandbox.at("from"), &sandbox.at("to")).unwrap();
    assert_eq!(sandbox.read("to/a/file"), "1");
    for folder in ["from", "to"] {
        remove_tree(&sandbox.at(folder)).unwrap();
    }
}

fn a_workspace_with_such_folders_is_cleaned() {
    let (repository, ours) = (Repository::new(), Sandbox::new());
    repository.write("src/file", "1");
    let commit = repository.commit("first");
    let layout = Layout::discover(repository.path()).unwrap().unwrap();
    let store = Store::open(&ours.at("store"), Source::Repository(layout), &environment()).unwrap();
    let workspace = Workspace { tree: ours.at("tree"), memory: ours.at("memory") };
    let (head, refs) = (Head::Detached, Vec::new());
    let checkout = Checkout { commit, head, refs, remote: None, depth: None, clean: true };
    store.check_out(&workspace, &checkout).unwrap();
    ours.write("tree/cache/mod/file", "").chmod("tree/cache/mod", 0o555);
    ours.write("tree/src/file", "2").chmod("tree/src/file", 0).chmod("tree/src", 0o555);
    store.check_out(&workspace, &checkout).unwrap();
    assert_eq!(ours.read("tree/src/file"), "1");
    assert!(!ours.exists("tree/cache"));
}
