//! A job's own repository: what it holds, what stays, what is written again, and what is refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use plim_host::Environment;
use plim_host::files::{modified, set_modified};
use plim_host::git::{CheckedOut, Checkout, Git, Head, Layout, Source, Store, Workspace};
use plim_test::sandbox::{Repository, Sandbox};

const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# made again at any time\n";
const REMOTE: &str = "https://example.com/o/r";

fn environment() -> Environment {
    [("PATH", "/usr/bin:/bin"), ("HOME", "/nonexistent")].into_iter().collect()
}

/// A repository of a user, a store, and the workspace of one job.
struct Scene {
    repository: Repository,
    ours: Sandbox,
    store: Store,
    workspace: Workspace,
}

impl Scene {
    fn new() -> Self {
        Self::of(Repository::new())
    }

    fn of(repository: Repository) -> Self {
        let ours = Sandbox::new();
        repository.write(".gitignore", "/target\n/node_modules\n*.tmp\n").write("src/a", "1\n");
        repository.write("src/b", "1\n").executable("run", "#!/bin/sh\n").symlink("link", "run");
        repository.commit("first");
        let layout = Layout::discover(repository.path()).unwrap().unwrap();
        let source = Source::Repository(layout);
        let store = Store::open(&ours.at("store"), source, &environment()).unwrap();
        let workspace = Workspace { tree: ours.at("work/tree"), memory: ours.at("work/memory") };
        Self { repository, ours, store, workspace }
    }

    fn checkout(&self) -> Checkout {
        let commit = self.store.snapshot().unwrap().commit;
        Checkout {
            head: Head::Branch("main".into()),
            refs: vec![("refs/remotes/origin/main".into(), commit.clone())],
            remote: Some(REMOTE.into()),
            depth: NonZero::new(1),
            clean: true,
            commit,
        }
    }

    fn check_out(&self) -> CheckedOut {
        self.store.check_out(&self.workspace, &self.checkout()).unwrap()
    }

    fn at(&self, path: &str) -> PathBuf {
        self.workspace.tree.join(path)
    }

    fn write(&self, path: &str, content: &str) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), content).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    fn time(&self, path: &str) -> SystemTime {
        modified(&self.at(path)).unwrap()
    }

    /// Runs git as a step would.
    fn git(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(&self.workspace.tree).env_clear();
        command.env("PATH", "/usr/bin:/bin:/usr/local/bin").env("HOME", self.ours.path());
        command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    fn is_clean(&self) -> bool {
        self.git(&["status", "--porcelain"]).unwrap().is_empty()
            && self.git(&["diff", "--exit-code"]).is_ok()
            && self.git(&["diff", "--cached", "--exit-code"]).is_ok()
    }
}

#[test]
fn a_job_has_the_tree_as_it_is_and_a_clean_repository() {
    let scene = Scene::new();
    scene.repository.write("src/a", "2\n").write("new", "1\n").remove("src/b");
    assert!(scene.check_out().changed);
    assert_eq!((scene.read("src/a").as_str(), scene.read("new").as_str()), ("2\n", "1\n"));
    assert!(!scene.at("src/b").exists());
    assert_eq!(fs::read_link(scene.at("link")).unwrap(), Path::new("run"));
    assert!(scene.is_clean());
    assert_eq!(scene.git(&["branch", "--show-current"]).unwrap(), "main");
    assert_eq!(
        scene.git(&["rev-parse", "HEAD", "origin/main", "@{upstream}"]).unwrap().lines().count(),
        3
    );
    assert_eq!(scene.git(&["config", "remote.origin.url"]).unwrap(), REMOTE);
}

#[test]
fn an_unchanged_tree_is_left_alone() {
    let scene = Scene::new();
    scene.check_out();
    let before = scene.time("src/a");
    let expected = CheckedOut { changed: false, kept: Vec::new() };
    assert_eq!(scene.check_out(), expected);
    assert_eq!(scene.time("src/a"), before);
    assert!(scene.is_clean());
}

#[test]
fn only_what_differs_is_written_and_it_is_newer_than_all_that_was_built() {
    let scene = Scene::new();
    scene.check_out();
    let (a, b) = (scene.time("src/a"), scene.time("src/b"));
    scene.write("target/CACHEDIR.TAG", TAG);
    scene.write("target/output", "built");
    scene.repository.write("src/a", "2\n");
    let done = scene.check_out();
    assert_eq!(done, CheckedOut { changed: true, kept: vec!["target".into()] });
    assert!(scene.time("src/a") > scene.time("target/output") && scene.time("src/a") > a);
    assert_eq!(scene.time("src/b"), b);
    assert!(scene.is_clean());
}

#[test]
fn going_back_to_an_earlier_commit_is_a_change_too() {
    let scene = Scene::new();
    scene.check_out();
    scene.repository.write("src/a", "2\n");
    scene.check_out();
    scene.write("target/CACHEDIR.TAG", TAG);
    scene.write("target/output", "built from 2");
    scene.repository.write("src/a", "1\n");
    scene.check_out();
    assert_eq!(scene.read("src/a"), "1\n");
    assert!(scene.time("src/a") > scene.time("target/output"));
}

#[test]
fn a_file_that_a_job_changed_is_restored_as_new() {
    let scene = Scene::new();
    scene.check_out();
    let (old, length) = (scene.time("src/a"), scene.read("src/a").len());
    scene.write("src/a", "9\n");
    assert_eq!(scene.read("src/a").len(), length);
    // Size and time are those of the commit's file; only the inode tells.
    set_modified(&scene.at("src/a"), old).unwrap();
    fs::remove_file(scene.at("src/b")).unwrap();
    scene.write("target/CACHEDIR.TAG", TAG);
    assert!(scene.check_out().changed);
    assert_eq!((scene.read("src/a").as_str(), scene.read("src/b").as_str()), ("1\n", "1\n"));
    assert!(scene.time("src/a") > scene.time("target/CACHEDIR.TAG"));
}

#[test]
fn a_file_that_was_changed_and_put_back_with_its_old_time_is_new() {
    let scene = Scene::new();
    scene.check_out();
    let (a, b) = (scene.time("src/a"), scene.time("src/b"));
    // A job needs longer than a tick of the clock by which files are timed.
    std::thread::sleep(Duration::from_millis(15));
    fs::rename(scene.at("src/a"), scene.at("src/a.orig")).unwrap();
    scene.write("src/a", "2\n");
    scene.write("target/CACHEDIR.TAG", TAG);
    scene.write("target/output", "built from 2");
    fs::rename(scene.at("src/a.orig"), scene.at("src/a")).unwrap();
    assert_eq!(scene.time("src/a"), a);
    assert!(!scene.check_out().changed);
    assert!(scene.time("src/a") > scene.time("target/output"));
    assert_eq!(scene.time("src/b"), b);
    assert!(scene.is_clean());
    let now = scene.time("src/a");
    scene.check_out();
    assert_eq!(scene.time("src/a"), now);
}

#[test]
fn outputs_from_the_future_are_older_than_what_is_written() {
    let scene = Scene::new();
    scene.check_out();
    scene.write("target/CACHEDIR.TAG", TAG);
    scene.write("target/debug/deep/output", "built");
    let future = SystemTime::now() + Duration::from_secs(3600);
    set_modified(&scene.at("target/debug/deep/output"), future + Duration::from_secs(5)).unwrap();
    set_modified(&scene.at("target/debug/deep"), future).unwrap();
    let b = scene.time("src/b");
    scene.repository.write("src/a", "2\n");
    scene.check_out();
    assert!(scene.time("src/a") > scene.time("target/debug/deep/output"));
    assert_eq!(scene.time("src/b"), b);
    assert!(scene.is_clean());
    fs::remove_dir_all(&scene.workspace.memory).unwrap();
    scene.check_out();
    assert!(scene.time("src/b") > scene.time("target/debug/deep/output"));
}

#[test]
fn after_a_foreign_cache_every_file_is_newer() {
    let scene = Scene::new();
    scene.check_out();
    scene.write("target/restored", "built elsewhere");
    let future = SystemTime::now() + Duration::from_secs(60);
    set_modified(&scene.at("target/restored"), future).unwrap();
    scene.workspace.renew(&scene.store, Some(future)).unwrap();
    for file in ["src/a", "src/b", "run", "link"] {
        assert!(scene.time(file) > future, "{file}");
    }
    assert!(scene.is_clean());
    scene.workspace.renew(&scene.store, None).unwrap();
    assert!(scene.time("src/a") < future);
}

#[test]
fn what_is_later_than_a_cache_beside_the_tree_keeps_its_time() {
    let scene = Scene::new();
    scene.check_out();
    let (old, new) = (scene.time("src/a"), scene.time("src/a") + Duration::from_secs(9));
    set_modified(&scene.at("src/b"), new).unwrap();
    scene.workspace.outdo(&scene.store, old).unwrap();
    assert!(scene.time("src/a") > old);
    assert_eq!(scene.time("src/b"), new);
    assert!(scene.is_clean());
}

#[test]
fn what_a_job_staged_outlives_new_times() {
    let scene = Scene::new();
    scene.check_out();
    scene.write("src/a", "staged\n");
    scene.git(&["add", "src/a"]).unwrap();
    scene.workspace.renew(&scene.store, None).unwrap();
    assert_eq!(scene.git(&["status", "--porcelain"]).unwrap(), "M  src/a");
}

#[test]
fn what_is_not_of_the_commit_goes_but_for_build_folders() {
    let scene = Scene::new();
    scene.check_out();
    for file in ["junk", "dir/junk", "src/junk.tmp", "node_modules/x/y", "target/output"] {
        scene.write(file, "");
    }
    scene.write("target/CACHEDIR.TAG", TAG);
    scene.write(".pytest_cache/CACHEDIR.TAG", TAG);
    scene.write(".pytest_cache/.gitignore", "*\n");
    scene.write(".pytest_cache/v/x", "");
    scene.write("tagged/CACHEDIR.TAG", TAG);
    fs::create_dir_all(scene.at("empty/dir")).unwrap();
    std::os::unix::fs::symlink(scene.at("target"), scene.at("out.tmp")).unwrap();
    let done = scene.check_out();
    assert_eq!(done.kept, [".pytest_cache", "target"].map(PathBuf::from));
    let mut left: Vec<_> = fs::read_dir(&scene.workspace.tree)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    let expected = [".git", ".gitignore", ".pytest_cache", "link", "run", "src", "target"];
    assert_eq!(left, expected);
    assert!(scene.at("target/output").exists() && scene.at(".pytest_cache/v/x").exists());
    assert!(!scene.at("src/junk.tmp").exists());
}

#[test]
fn a_tag_without_the_signature_keeps_nothing() {
    let scene = Scene::new();
    scene.check_out();
    scene.write("target/CACHEDIR.TAG", "Signature: no\n");
    scene.check_out();
    assert!(!scene.at("target").exists());
}

#[test]
fn a_build_folder_that_is_not_ignored_any_more_goes() {
    let scene = Scene::new();
    scene.check_out();
    scene.write("target/CACHEDIR.TAG", TAG);
    scene.repository.write(".gitignore", "*.tmp\n");
    scene.check_out();
    assert!(!scene.at("target").exists());
}

#[test]
fn without_cleaning_everything_stays() {
    let scene = Scene::new();
    scene.check_out();
    scene.write("junk", "");
    let checkout = Checkout { clean: false, ..scene.checkout() };
    scene.store.check_out(&scene.workspace, &checkout).unwrap();
    assert!(scene.at("junk").exists());
}

#[test]
fn whatever_a_job_did_to_its_repository_is_undone() {
    let scene = Scene::new();
    scene.check_out();
    scene
        .git(&[
            "-c",
            "user.name=a",
            "-c",
            "user.email=b",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "x",
        ])
        .unwrap();
    scene.git(&["switch", "-q", "-c", "other"]).unwrap();
    scene.git(&["update-index", "--assume-unchanged", "src/a"]).unwrap();
    scene.write("src/a", "hidden change");
    scene.git(&["config", "core.bare", "true"]).unwrap();
    fs::remove_dir_all(scene.at(".git/objects")).unwrap();
    scene.check_out();
    assert_eq!(scene.read("src/a"), "1\n");
    assert_eq!(scene.git(&["branch", "--format=%(refname)"]).unwrap(), "refs/heads/main");
    assert!(scene.is_clean());
}

#[test]
fn files_and_folders_change_places() {
    let scene = Scene::new();
    scene.check_out();
    scene
        .repository
        .remove("src")
        .write("src", "a file")
        .remove("run")
        .write("run/now", "a folder");
    scene.write("run.d/x", "");
    scene.check_out();
    assert_eq!(
        (scene.read("src").as_str(), scene.read("run/now").as_str()),
        ("a file", "a folder")
    );
    assert!(scene.is_clean());
}

#[test]
fn a_broken_or_interrupted_workspace_is_made_good() {
    let scene = Scene::new();
    scene.check_out();
    fs::write(scene.workspace.memory.join("index.lock"), "").unwrap();
    scene.write("src/a", "half");
    fs::remove_file(scene.at(".git/HEAD")).unwrap();
    scene.check_out();
    assert!(scene.is_clean());
    fs::remove_dir_all(&scene.workspace.memory).unwrap();
    scene.write("src/a", "unknown");
    scene.write("junk", "");
    scene.check_out();
    assert_eq!(scene.read("src/a"), "1\n");
    assert!(scene.is_clean() && !scene.at("junk").exists());
    fs::write(scene.workspace.memory.join("index"), "broken").unwrap();
    scene.check_out();
    assert!(scene.is_clean());
}

#[test]
fn a_pull_request_is_detached_at_its_own_ref() {
    let scene = Scene::new();
    let mut checkout = scene.checkout();
    checkout.head = Head::Detached;
    checkout.refs = vec![("refs/remotes/pull/7/merge".into(), checkout.commit.clone())];
    scene.store.check_out(&scene.workspace, &checkout).unwrap();
    assert_eq!(scene.git(&["branch", "--show-current"]).unwrap(), "");
    assert_eq!(scene.git(&["rev-parse", "refs/remotes/pull/7/merge"]).unwrap(), checkout.commit);
}

#[test]
fn history_is_as_deep_as_asked() {
    let scene = Scene::new();
    for text in ["2", "3", "4"] {
        scene.repository.write("src/a", text);
        scene.repository.commit(text);
    }
    scene.repository.write("src/a", "5");
    let count = |depth| {
        let checkout = Checkout { depth: NonZero::new(depth), ..scene.checkout() };
        scene.store.check_out(&scene.workspace, &checkout).unwrap();
        scene.git(&["rev-list", "--count", "HEAD"]).unwrap()
    };
    assert_eq!([count(1), count(3), count(0), count(99)], ["1", "3", "5", "5"]);
    count(1);
    assert_eq!(scene.git(&["rev-parse", "--is-shallow-repository"]).unwrap(), "true");
}

#[test]
fn a_whole_clone_has_branches_and_tags() {
    let scene = Scene::new();
    scene.repository.git(&["tag", "-a", "-m", "one", "v1"]);
    scene.repository.git(&["update-ref", "refs/remotes/origin/release", "HEAD"]);
    let layout = Layout::discover(scene.repository.path()).unwrap().unwrap();
    let refs = Git::open(layout, &environment()).unwrap().refs().unwrap();
    let checkout = Checkout { depth: None, refs: refs.as_cloned(), ..scene.checkout() };
    scene.store.check_out(&scene.workspace, &checkout).unwrap();
    assert_eq!(scene.git(&["describe"]).unwrap(), "v1");
    assert_eq!(
        scene.git(&["branch", "-r", "--format=%(refname)"]).unwrap(),
        "refs/remotes/origin/release"
    );
}

#[test]
fn fetching_works_without_a_network_and_pushing_is_refused() {
    let scene = Scene::new();
    scene.repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    scene.repository.git(&["update-ref", "refs/remotes/origin/release", "HEAD"]);
    let layout = Layout::discover(scene.repository.path()).unwrap().unwrap();
    let refs = Git::open(layout, &environment()).unwrap().refs().unwrap();
    let checkout = scene.checkout();
    scene.store.offer(&refs, Some("main"), &checkout.commit).unwrap();
    scene.store.check_out(&scene.workspace, &checkout).unwrap();
    scene.git(&["fetch", "-q", "origin", "release"]).unwrap();
    scene.git(&["fetch", "-q", "--unshallow", "origin"]).unwrap();
    scene.git(&["rev-parse", "origin/release"]).unwrap();
    for address in ["origin", "https://example.com/o/r.git"] {
        scene.git(&["ls-remote", "-q", address]).unwrap();
    }
    // What a workflow prints, and what tools read to find out where they are.
    assert_eq!(scene.git(&["remote", "get-url", "origin"]).unwrap(), REMOTE);
    assert_eq!(scene.git(&["ls-remote", "--get-url"]).unwrap(), REMOTE);
    let store = scene.store.folder().to_str().unwrap();
    for remote in ["origin", "https://example.com/o/r", "https://example.com/o/r.git", store] {
        let error = scene.git(&["push", remote, "HEAD:refs/heads/evil"]).unwrap_err();
        assert!(error.contains("no-push"), "{remote}: {error}");
    }
    let error = scene.git(&["push"]).unwrap_err();
    assert!(error.contains("no-push"), "{error}");
    assert_eq!(scene.git(&["config", "remote.origin.url"]).unwrap(), REMOTE);
}

#[test]
fn other_repositories_with_a_similar_address_are_not_taken_for_ours() {
    let scene = Scene::new();
    let other = scene.ours.at("remote-other").display().to_string();
    scene.repository.git(&["clone", "-q", "--bare", ".", &other]);
    let remote = scene.ours.at("remote").display().to_string();
    let checkout = Checkout { remote: Some(remote.clone()), ..scene.checkout() };
    scene.store.check_out(&scene.workspace, &checkout).unwrap();
    for ours in ["origin", &format!("{remote}.git")] {
        scene.git(&["ls-remote", ours]).unwrap();
    }
    let seen = scene.git(&["ls-remote", &other]).unwrap();
    assert!(seen.contains("refs/heads/main"), "{seen}");
}

#[test]
fn a_local_remote_cannot_be_pushed_to() {
    let scene = Scene::new();
    let bare = scene.ours.at("bare.git").display().to_string();
    scene.repository.git(&["clone", "-q", "--bare", ".", &bare]);
    let checkout = Checkout { remote: Some(bare.clone()), ..scene.checkout() };
    scene.store.check_out(&scene.workspace, &checkout).unwrap();
    for remote in ["origin", &bare] {
        scene.git(&["push", remote, "HEAD:refs/heads/evil"]).unwrap_err();
    }
    let refs = scene.repository.git(&["--git-dir", &bare, "for-each-ref", "--format=%(refname)"]);
    assert_eq!(refs, "refs/heads/main");
}

#[test]
fn the_users_repository_is_not_written() {
    let scene = Scene::new();
    let head = scene.repository.head();
    scene.check_out();
    scene.write("src/a", "9");
    scene
        .git(&["-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "-a", "-m", "of the job"])
        .unwrap();
    scene.git(&["gc", "-q"]).unwrap();
    assert_eq!(scene.repository.head(), head);
    assert_eq!(scene.repository.git(&["status", "--porcelain"]), "");
    assert_eq!(scene.repository.git(&["fsck", "--unreachable"]), "");
}

#[test]
fn a_filled_submodule_is_emptied() {
    let library = Repository::new();
    library.write("lib", "1");
    library.commit("library");
    let repository = Repository::new();
    let url = library.path().to_str().unwrap();
    repository.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        url,
        "sub",
    ]);
    let scene = Scene::of(repository);
    scene.check_out();
    assert_eq!(fs::read_dir(scene.at("sub")).unwrap().count(), 0);
    scene.write("sub/lib", "left by a job");
    scene.check_out();
    assert_eq!(fs::read_dir(scene.at("sub")).unwrap().count(), 0);
    assert!(scene.is_clean());
}

#[test]
fn objects_named_by_sha256_are_checked_out() {
    let scene = Scene::of(Repository::with_format("sha256"));
    scene.repository.write("src/a", "2\n");
    scene.check_out();
    assert_eq!(scene.git(&["rev-parse", "HEAD"]).unwrap().len(), 64);
    assert!(scene.is_clean());
}

#[test]
fn a_folder_without_git_is_checked_out_as_one_commit() {
    let (folder, ours) = (Sandbox::new(), Sandbox::new());
    folder.write("file", "1");
    let source = Source::Folder(folder.path().to_owned());
    let store = Store::open(&ours.at("store"), source, &environment()).unwrap();
    let workspace = Workspace { tree: ours.at("tree"), memory: ours.at("memory") };
    let checkout = Checkout {
        commit: store.snapshot().unwrap().commit,
        head: Head::Branch("main".into()),
        refs: Vec::new(),
        remote: None,
        depth: NonZero::new(1),
        clean: true,
    };
    store.check_out(&workspace, &checkout).unwrap();
    assert_eq!(ours.read("tree/file"), "1");
    folder.write("file", "2");
    let checkout = Checkout { commit: store.snapshot().unwrap().commit, ..checkout };
    store.check_out(&workspace, &checkout).unwrap();
    assert_eq!(ours.read("tree/file"), "2");
}
