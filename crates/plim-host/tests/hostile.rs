//! A repository whose configuration names programs everywhere: none is started by looking at it,
//! by a snapshot, or by a checkout.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use plim_host::Environment;
use plim_host::git::{Checkout, Git, Head, Layout, Source, Store, Workspace};
use plim_test::sandbox::{Repository, Sandbox};

/// Settings that name a program: each gets one that leaves a mark of that name.
const PROGRAMS: [&str; 27] = [
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.sshCommand",
    "core.askPass",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "sequence.editor",
    "pager.status",
    "pager.log",
    "pager.diff",
    "diff.external",
    "diff.planted.command",
    "diff.planted.textconv",
    "merge.planted.driver",
    "filter.planted.clean",
    "filter.planted.smudge",
    "filter.a=b.clean",
    "filter.a=b.smudge",
    "filter.spoken.process",
    "gpg.program",
    "gpg.ssh.program",
    "gpg.ssh.defaultKeyCommand",
    "credential.helper",
    "credential.https://example.com.helper",
    "remote.origin.uploadpack",
    "interactive.diffFilter",
];

/// Hooks that git starts by itself.
const HOOKS: [&str; 10] = [
    "pre-commit",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "fsmonitor-watchman",
    "reference-transaction",
    "pre-auto-gc",
    "prepare-commit-msg",
    "commit-msg",
];

/// A repository with everything planted, and where the marks are left.
struct Planted {
    repository: Repository,
    marks: Sandbox,
    programs: Sandbox,
}

impl Planted {
    fn new() -> Self {
        let planted =
            Self { repository: Repository::new(), marks: Sandbox::new(), programs: Sandbox::new() };
        let repository = &planted.repository;
        repository.write("plain", "1\n").write("filtered", "1\n").write("odd", "1\n");
        repository.write("spoken", "1\n").write("compared", "1\n");
        repository.write(
            ".gitattributes",
            "filtered filter=planted\nspoken filter=spoken\ncompared diff=planted merge=planted\n",
        );
        repository.commit("first");
        planted.sign_a_commit();
        planted.add_a_submodule();
        planted.plant();
        repository.write(".git/info/attributes", "odd filter=a=b\n");
        for file in ["plain", "filtered", "odd", "spoken", "compared"] {
            repository.write(file, "2\n");
        }
        planted
    }

    fn plant(&self) {
        let repository = &self.repository;
        for (i, name) in PROGRAMS.iter().enumerate() {
            let (section, key) = name.rsplit_once('.').unwrap();
            let section = match section.split_once('.') {
                Some((section, sub)) => format!("[{section} \"{sub}\"]"),
                None => format!("[{section}]"),
            };
            let command = self.command(name);
            let line = format!("{section}\n\t{key} = \"{command}\"\n");
            // Settings come from the file itself and from what it includes.
            let file = [".git/config", ".git/more"][i % 2];
            append(&repository.at(file), &line);
        }
        let rest = "[include]\n\tpath = more\n[filter \"planted\"]\n\trequired = true\n\
                    [filter \"spoken\"]\n\trequired = true\n[log]\n\tshowSignature = true\n\
                    [commit]\n\tgpgSign = true\n[status]\n\tsubmoduleSummary = true\n\
                    [submodule]\n\trecurse = true\n[diff]\n\tsubmodule = diff\n\
                    [core]\n\tworktree = /\n\tattributesFile = /dev/null\n\
                    [extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\tpromisor = true\n";
        append(&repository.at(".git/config"), rest);
        let mark = self.marks.at("ext").display().to_string();
        let url = format!("[remote \"origin\"]\n\turl = \"ext::touch {mark}\"\n");
        append(&repository.at(".git/config"), &url);
        for hook in HOOKS {
            let hook_file = repository.at(".git/hooks").join(hook);
            fs::create_dir_all(hook_file.parent().unwrap()).unwrap();
            fs::copy(self.command(hook), hook_file).unwrap();
        }
    }

    /// The path of a program that leaves a mark and passes on what it reads: some settings name a
    /// program, others a shell command, and a path is both.
    fn command(&self, name: &str) -> String {
        let name = name.replace(['/', ' ', ':', '='], "_");
        let mark = self.marks.at(&name).display().to_string();
        self.programs.executable(&name, format!("#!/bin/sh\ntouch {mark}\nexec cat\n"));
        self.programs.at(name).display().to_string()
    }

    /// Makes `HEAD` a commit with something that looks like a signature.
    fn sign_a_commit(&self) {
        let repository = &self.repository;
        let commit = repository.git(&["cat-file", "commit", "HEAD"]);
        let (headers, message) = commit.split_once("\n\n").unwrap();
        let begin = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----";
        repository.write("signed", format!("{headers}\n{begin}\n\n{message}\n"));
        let signed = repository.git(&["hash-object", "-t", "commit", "-w", "signed"]);
        repository.remove("signed");
        repository.git(&["update-ref", "refs/heads/main", &signed]);
    }

    /// Adds a submodule that has a hostile configuration of its own.
    fn add_a_submodule(&self) {
        let repository = &self.repository;
        repository.git(&["init", "-q", "sub"]);
        let inside = |arguments: &[&str]| {
            let mut all = vec!["-C", "sub", "-c", "user.name=a", "-c", "user.email=b"];
            all.extend(arguments);
            repository.git(&all)
        };
        repository.write("sub/file", "1");
        inside(&["add", "file"]);
        inside(&["commit", "-q", "-m", "inside"]);
        repository.git(&["add", "sub"]);
        repository.commit("with a submodule");
        let line = format!("[core]\n\tfsmonitor = \"{}\"\n", self.command("inside"));
        append(&repository.at("sub/.git/config"), &line);
        repository.write("sub/file", "2");
    }

    fn marks(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.marks.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn append(path: &Path, text: &str) {
    let content = fs::read_to_string(path).unwrap_or_default();
    fs::write(path, content + text).unwrap();
}

fn environment() -> Environment {
    let mut environment: Environment =
        [("PATH", "/usr/bin:/bin"), ("HOME", "/nonexistent")].into_iter().collect();
    for name in ["GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "GIT_PAGER", "GIT_ASKPASS", "GIT_EDITOR"] {
        environment.set(name, "touch /tmp/plimsoll-was-here");
    }
    environment
}

#[test]
fn the_plants_are_alive() {
    let planted = Planted::new();
    let git = |arguments: &[&str]| {
        let mut all = vec!["--git-dir=.git", "--work-tree=."];
        all.extend(arguments);
        // Many fail, since what they start is not what it is taken for.
        let _ = planted.repository.try_git(&all);
    };
    git(&["status"]);
    // From here on without what ends git before it comes to the others.
    const LATER: [&str; 4] = ["-c", "filter.spoken.process=", "-c", "filter.spoken.required=false"];
    let git = |arguments: &[&str]| git(&[&LATER, arguments].concat());
    git(&["status"]);
    git(&["diff"]);
    git(&["log", "-1", "HEAD^"]);
    git(&["add", "filtered"]);
    git(&["add", "odd"]);
    git(&["-c", "commit.gpgSign=false", "commit", "-q", "-m", "x"]);
    git(&["-c", "protocol.ext.allow=always", "fetch", "-q"]);
    let marks = planted.marks();
    let expected = [
        "core.fsmonitor",
        "inside",
        "filter.planted.clean",
        "filter.a_b.clean",
        "filter.spoken.process",
        "diff.external",
        "gpg.program",
        "pre-commit",
        "post-index-change",
        "ext",
    ];
    for mark in expected {
        assert!(marks.contains(mark), "`{mark}` is not among {marks:?}");
    }
}

#[test]
fn reading_starts_nothing() {
    let planted = Planted::new();
    let layout = Layout::discover(planted.repository.path()).unwrap().unwrap();
    let git = Git::open(layout, &environment()).unwrap();
    let status = git.status().unwrap();
    assert!(status.changes.iter().any(|change| change.path == Path::new("filtered")));
    git.refs().unwrap();
    git.submodules().unwrap();
    assert!(git.remote_url("origin").unwrap().unwrap().starts_with("ext::"));
    git.commits(&["HEAD", "HEAD^", "origin/main", &"1".repeat(40)]).unwrap();
    git.merge_base("HEAD", "HEAD^").unwrap();
    git.diff_names("HEAD^", "HEAD", true).unwrap();
    assert_eq!(planted.marks(), BTreeSet::new());
    assert!(!Path::new("/tmp/plimsoll-was-here").exists());
}

#[test]
fn a_first_look_starts_nothing_either() {
    let planted = Planted::new();
    let layout = Layout::discover(planted.repository.path()).unwrap().unwrap();
    // What is asked first must not depend on the configuration having been read before.
    let git = || Git::open(layout.clone(), &environment()).unwrap();
    git().refs().unwrap();
    git().commit("HEAD").unwrap();
    git().diff_names("HEAD^", "HEAD", false).unwrap();
    git().config().unwrap();
    assert_eq!(planted.marks(), BTreeSet::new());
}

#[test]
fn a_snapshot_and_its_checkout_start_nothing() {
    let planted = Planted::new();
    let ours = Sandbox::new();
    let layout = Layout::discover(planted.repository.path()).unwrap().unwrap();
    let store = Store::open(&ours.at("store"), Source::Repository(layout), &environment()).unwrap();
    let snapshot = store.snapshot().unwrap();
    assert!(snapshot.dirty);
    let workspace = Workspace { tree: ours.at("tree"), memory: ours.at("memory") };
    let checkout = Checkout {
        commit: snapshot.commit,
        head: Head::Branch("main".into()),
        refs: Vec::new(),
        remote: Some("https://example.com/o/r".into()),
        depth: None,
        clean: true,
    };
    store.check_out(&workspace, &checkout).unwrap();
    store.check_out(&workspace, &checkout).unwrap();
    assert_eq!(planted.marks(), BTreeSet::new());
    assert_eq!(ours.read("tree/filtered"), "2\n");
    assert_eq!(ours.read("tree/odd"), "2\n");
}

#[test]
fn what_a_job_plants_in_its_repository_does_not_outlive_it() {
    let repository = Repository::new();
    repository.write("file", "1\n").write(".gitattributes", "file filter=planted\n");
    repository.commit("first");
    let (ours, marks) = (Sandbox::new(), Sandbox::new());
    let layout = Layout::discover(repository.path()).unwrap().unwrap();
    let store = Store::open(&ours.at("store"), Source::Repository(layout), &environment()).unwrap();
    let workspace = Workspace { tree: ours.at("tree"), memory: ours.at("memory") };
    let checkout = Checkout {
        commit: store.snapshot().unwrap().commit,
        head: Head::Detached,
        refs: Vec::new(),
        remote: None,
        depth: None,
        clean: true,
    };
    store.check_out(&workspace, &checkout).unwrap();
    let command = format!("touch {}/mark; cat", marks.path().display());
    let config = format!(
        "[core]\n\tfsmonitor = \"{command}\"\n[filter \"planted\"]\n\tsmudge = \"{command}\"\n"
    );
    append(&ours.at("tree/.git/config"), &config);
    ours.executable("tree/.git/hooks/post-checkout", format!("#!/bin/sh\n{command}\n"));
    ours.write("tree/file", "changed\n");
    store.check_out(&workspace, &checkout).unwrap();
    assert_eq!(fs::read_dir(marks.path()).unwrap().count(), 0);
    assert_eq!(ours.read("tree/file"), "1\n");
    assert!(!ours.exists("tree/.git/hooks"));
    assert!(!ours.read("tree/.git/config").contains("fsmonitor"));
}
