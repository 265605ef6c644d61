//! A commit of a working tree as it is, made without touching it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plim_host::Environment;
use plim_host::git::{Layout, Snapshot, Source, Store};
use plim_test::sandbox::{Repository, Sandbox};

fn environment() -> Environment {
    [("PATH", "/usr/bin:/bin"), ("HOME", "/nonexistent")].into_iter().collect()
}

/// A store in a folder of its own.
struct Ours {
    folder: Sandbox,
    store: Store,
}

impl Ours {
    fn of(tree: &Path) -> Self {
        let folder = Sandbox::new();
        let source = match Layout::discover(tree).unwrap() {
            Some(layout) => Source::Repository(layout),
            None => Source::Folder(tree.to_owned()),
        };
        let store = Store::open(&folder.at("store"), source, &environment()).unwrap();
        Self { folder, store }
    }

    fn snapshot(&self) -> Snapshot {
        self.store.snapshot().unwrap()
    }

    /// The files of a commit: mode and content of each path.
    fn files(&self, commit: &str) -> BTreeMap<String, String> {
        let reader = Repository::new();
        let store = format!("--git-dir={}", self.folder.at("store").display());
        let list = reader.git(&[&store, "ls-tree", "-r", "-z", "--full-tree", commit]);
        let entry = |entry: &str| {
            let (about, path) = entry.split_once('\t').unwrap();
            let words: Vec<_> = about.split(' ').collect();
            let content = match words[1] {
                "blob" => reader.git(&[&store, "cat-file", "blob", words[2]]),
                _ => words[2].to_owned(),
            };
            (path.to_owned(), format!("{} {content}", words[0]))
        };
        list.split('\0').filter(|one| !one.is_empty()).map(entry).collect()
    }

    fn paths(&self, commit: &str) -> Vec<String> {
        self.files(commit).into_keys().collect()
    }
}

/// Everything below a folder, with content, permissions and times.
fn everything(folder: &Path) -> BTreeMap<PathBuf, String> {
    use std::os::unix::fs::MetadataExt;
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            let about = (metadata.mode(), metadata.mtime(), metadata.mtime_nsec(), content);
            found.insert(path.clone(), format!("{about:?}"));
            if metadata.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

#[test]
fn a_clean_tree_is_the_commit_itself() {
    let repository = Repository::new();
    repository.write(".gitignore", "*.log\n").write("file", "1");
    let commit = repository.commit("first");
    repository.write("a.log", "ignored");
    let snapshot = Ours::of(repository.path()).snapshot();
    let head = Some(commit.clone());
    assert_eq!(
        snapshot,
        Snapshot { commit, head, dirty: false, left_out: Vec::new(), unreadable: Vec::new() }
    );
}

#[test]
fn everything_that_is_not_committed_is_in_it() {
    let repository = Repository::new();
    for file in
        ["same", "changed", "staged", "gone", "removed", "moved", "script", "link", "kind/x"]
    {
        repository.write(file, format!("{file} of the first commit\n"));
    }
    repository.write(".gitignore", "ignored\n");
    repository.commit("first");
    repository.write("changed", "2").write("staged", "2").write("new dir/ü\nfile", "new");
    repository.write("ignored", "no").remove("gone").chmod("script", 0o755);
    repository.remove("link").symlink("link", "nowhere").remove("kind").write("kind", "a file now");
    repository.git(&["add", "staged"]);
    repository.git(&["rm", "-q", "removed"]);
    repository.git(&["mv", "moved", "elsewhere"]);
    repository.write("staged", "3");
    let ours = Ours::of(repository.path());
    let snapshot = ours.snapshot();
    assert!(snapshot.dirty);
    let files = ours.files(&snapshot.commit);
    let expected = [
        (".gitignore", "100644 ignored"),
        ("changed", "100644 2"),
        ("elsewhere", "100644 moved of the first commit"),
        ("kind", "100644 a file now"),
        ("link", "120000 nowhere"),
        ("new dir/ü\nfile", "100644 new"),
        ("same", "100644 same of the first commit"),
        ("script", "100755 script of the first commit"),
        ("staged", "100644 3"),
    ];
    assert_eq!(files, expected.map(|(path, file)| (path.to_owned(), file.to_owned())).into());
}

#[test]
fn nothing_of_the_user_is_written() {
    let repository = Repository::new();
    repository.write("file", "1").write("other", "1").write(".gitignore", "target\n");
    repository.commit("first");
    repository.write("file", "2").write("new", "1").write("other", "1").write("target/x", "");
    repository.git(&["add", "new"]);
    let before = everything(repository.path());
    let ours = Ours::of(repository.path());
    assert!(ours.snapshot().dirty);
    repository.write("file", "2");
    let changed = everything(repository.path());
    ours.snapshot();
    assert_eq!(everything(repository.path()), changed);
    assert_eq!(before.keys().collect::<Vec<_>>(), changed.keys().collect::<Vec<_>>());
}

#[test]
fn the_same_tree_on_the_same_parent_is_the_same_commit() {
    let repository = Repository::new();
    let head = repository.commit("first");
    repository.write("file", "1");
    let (one, two) = (Ours::of(repository.path()), Ours::of(repository.path()));
    let first = one.snapshot();
    assert_eq!(first, two.snapshot());
    let commit = one.store.git().commit(&first.commit).unwrap().unwrap();
    assert_eq!(commit.parents, [head]);
    assert_eq!(commit.committer.date(), "2026-01-02T03:00:01+00:00");
    repository.write("file", "2");
    assert_ne!(one.snapshot().commit, first.commit);
    repository.write("file", "1");
    assert_eq!(one.snapshot().commit, first.commit);
}

#[test]
fn later_snapshots_follow_the_tree() {
    let repository = Repository::new();
    repository.write("file", "1").write("old", "1");
    repository.commit("first");
    let ours = Ours::of(repository.path());
    let paths = || ours.paths(&ours.snapshot().commit);
    repository.write("new", "1").write("file", "2");
    assert_eq!(paths(), ["file", "new", "old"]);
    repository.remove("new").remove("old");
    assert_eq!(paths(), ["file"]);
    repository.write("old", "1").write("later", "1");
    assert_eq!(paths(), ["file", "later", "old"]);
    repository.write(".git/info/exclude", "later\n");
    assert_eq!(paths(), ["file", "old"]);
    repository.git(&["checkout", "-q", "file"]);
    assert!(!ours.snapshot().dirty);
    repository.write("file", "3");
    repository.commit("second");
    repository.write("more", "1");
    assert_eq!(paths(), ["file", "more", "old"]);
}

#[test]
fn a_change_that_was_staged_and_undone_is_no_change() {
    let repository = Repository::new();
    repository.write("file", "1");
    let commit = repository.commit("first");
    repository.write("file", "2");
    repository.git(&["add", "file"]);
    repository.write("file", "1");
    let snapshot = Ours::of(repository.path()).snapshot();
    assert_eq!((snapshot.commit, snapshot.dirty), (commit, false));
}

#[test]
fn the_state_folder_is_never_in_it() {
    let repository = Repository::new();
    let commit = repository.commit("first");
    repository.write(".plimsoll/runs/1", "log").write(".plimsoll/tracked", "");
    repository.git(&["add", ".plimsoll/tracked"]);
    let ours = Ours::of(repository.path());
    assert_eq!(ours.snapshot().commit, commit);
    repository.write("new", "");
    assert_eq!(ours.paths(&ours.snapshot().commit), ["new"]);
}

#[test]
fn a_repository_without_commits_has_a_snapshot_without_a_parent() {
    let repository = Repository::new();
    repository.write("file", "1").write(".gitignore", "no\n").write("no", "");
    let ours = Ours::of(repository.path());
    let snapshot = ours.snapshot();
    assert_eq!((snapshot.head, snapshot.dirty), (None, true));
    assert_eq!(ours.paths(&snapshot.commit), [".gitignore", "file"]);
    let empty = Repository::new();
    let ours = Ours::of(empty.path());
    assert_eq!(ours.paths(&ours.snapshot().commit), [""; 0]);
}

#[test]
fn a_folder_without_git_is_one_commit() {
    let folder = Sandbox::new();
    folder.write(".gitignore", "*.log\n").write("a.log", "").write("dir/file", "1");
    folder.executable("run", "#!/bin/sh\n").write(".plimsoll/state", "");
    let ours = Ours::of(folder.path());
    let first = ours.snapshot();
    assert_eq!((first.head.clone(), first.dirty), (None, true));
    assert_eq!(ours.paths(&first.commit), [".gitignore", "dir/file", "run"]);
    assert!(!folder.exists(".git"));
    folder.remove("dir/file").write("new", "").write(".gitignore", "*.log\nrun\n");
    assert_eq!(ours.paths(&ours.snapshot().commit), [".gitignore", "new"]);
    folder.remove("new").write("dir/file", "1").write(".gitignore", "*.log\n");
    assert_eq!(ours.snapshot(), first);
}

#[test]
fn a_linked_working_tree_is_taken_and_not_the_main_one() {
    let repository = Repository::new();
    repository.write("file", "1");
    repository.commit("first");
    let place = Sandbox::new();
    let linked = place.at("linked");
    repository.git(&["worktree", "add", "-q", "-b", "side", linked.to_str().unwrap()]);
    fs::write(linked.join("file"), "2").unwrap();
    let ours = Ours::of(&linked);
    assert_eq!(ours.files(&ours.snapshot().commit)["file"], "100644 2");
    assert!(!Ours::of(repository.path()).snapshot().dirty);
}

#[test]
fn a_repository_that_borrows_objects_lends_them_on() {
    let repository = Repository::new();
    repository.write("file", "1").write("other", "1");
    repository.commit("first");
    let place = Sandbox::new();
    let clone = place.at("clone");
    repository.git(&["clone", "-q", "--shared", ".", clone.to_str().unwrap()]);
    fs::write(clone.join("file"), "2").unwrap();
    let ours = Ours::of(&clone);
    assert_eq!(ours.files(&ours.snapshot().commit)["other"], "100644 1");
}

#[test]
fn a_shallow_repository_is_taken() {
    let repository = Repository::new();
    for text in ["1", "2", "3"] {
        repository.write("file", text);
        repository.commit(text);
    }
    let place = Sandbox::new();
    let clone = place.at("clone");
    let url = format!("file://{}", repository.path().display());
    repository.git(&["clone", "-q", "--depth=2", &url, clone.to_str().unwrap()]);
    fs::write(clone.join("file"), "4").unwrap();
    let ours = Ours::of(&clone);
    let snapshot = ours.snapshot();
    let store = format!("--git-dir={}", ours.folder.at("store").display());
    assert_eq!(repository.git(&[&store, "rev-list", "--count", &snapshot.commit]), "3");
}

#[test]
fn objects_named_by_sha256_are_taken() {
    let repository = Repository::with_format("sha256");
    repository.write("file", "1");
    repository.commit("first");
    repository.write("file", "2");
    let ours = Ours::of(repository.path());
    let snapshot = ours.snapshot();
    assert_eq!(snapshot.commit.len(), 64);
    assert_eq!(ours.files(&snapshot.commit)["file"], "100644 2");
}

#[test]
fn a_submodule_is_its_commit() {
    let library = Repository::new();
    library.write("lib", "1");
    let commit = library.commit("library");
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
    repository.commit("with a submodule");
    repository.write("sub/lib", "changed inside");
    let ours = Ours::of(repository.path());
    assert!(!ours.snapshot().dirty);
    repository.write("file", "1");
    let snapshot = ours.snapshot();
    assert_eq!(ours.files(&snapshot.commit)["sub"], format!("160000 {commit}"));
}

#[test]
fn repositories_inside_are_left_out_and_named() {
    let repository = Repository::new();
    repository.commit("first");
    for inner in ["with commits", "without"] {
        repository.git(&["init", "-q", inner]);
        repository.write(format!("{inner}/file"), "1");
    }
    repository.git(&["-C", "with commits", "add", "."]);
    repository.git(&["-C", "with commits", "commit", "-q", "-m", "x"]);
    repository.write("new", "1");
    let ours = Ours::of(repository.path());
    let snapshot = ours.snapshot();
    assert_eq!(ours.paths(&snapshot.commit), ["new"]);
    assert_eq!(snapshot.left_out, ["with commits/", "without/"].map(PathBuf::from));
}

#[test]
fn a_sparse_tree_keeps_what_it_does_not_show() {
    let repository = Repository::new();
    repository.write("shown/a", "1").write("hidden/b", "1");
    repository.commit("first");
    repository.git(&["sparse-checkout", "set", "shown"]);
    assert!(!repository.exists("hidden"));
    repository.write("shown/a", "2");
    let ours = Ours::of(repository.path());
    assert_eq!(ours.paths(&ours.snapshot().commit), ["hidden/b", "shown/a"]);
}

#[test]
fn a_merge_in_conflict_is_taken_as_it_stands() {
    let repository = Repository::new();
    repository.write("file", "1\n");
    repository.commit("base");
    repository.git(&["switch", "-q", "-c", "side"]);
    repository.write("file", "2\n");
    repository.commit("side");
    repository.git(&["switch", "-q", "main"]);
    repository.write("file", "3\n");
    repository.commit("main");
    repository.try_git(&["merge", "side"]).unwrap_err();
    let ours = Ours::of(repository.path());
    let file = &ours.files(&ours.snapshot().commit)["file"];
    assert!(file.contains("<<<<<<<"), "{file}");
}

#[test]
fn pruned_objects_of_an_earlier_snapshot_do_no_harm() {
    let repository = Repository::new();
    repository.write("keep", "1");
    repository.commit("first");
    repository.write("file", "only staged");
    repository.git(&["add", "file"]);
    let ours = Ours::of(repository.path());
    let first = ours.snapshot();
    repository.git(&["rm", "-q", "--cached", "file"]);
    repository.git(&["prune", "--expire=now"]);
    repository.write("other", "1");
    let second = ours.snapshot();
    assert_ne!(first.commit, second.commit);
    assert_eq!(ours.files(&second.commit)["file"], "100644 only staged");
}

#[test]
fn a_lock_that_a_killed_git_left_is_no_obstacle() {
    let repository = Repository::new();
    repository.commit("first");
    repository.write("file", "1");
    let ours = Ours::of(repository.path());
    ours.snapshot();
    let desk = fs::read_dir(ours.folder.at("store/desks")).unwrap().next().unwrap().unwrap();
    fs::write(desk.path().join("index.lock"), "").unwrap();
    fs::write(desk.path().join("index"), "broken").unwrap();
    repository.write("file", "2");
    assert_eq!(ours.files(&ours.snapshot().commit)["file"], "100644 2");
}

#[test]
fn objects_that_a_power_cut_emptied_are_made_again() {
    let repository = Repository::new();
    repository.commit("first");
    repository.write("file", "1");
    let ours = Ours::of(repository.path());
    let snapshot = ours.snapshot();
    for object in everything(&ours.folder.at("store/objects")).into_keys() {
        let is_loose = object.is_file() && !object.ends_with("alternates");
        if is_loose {
            fs::set_permissions(&object, std::os::unix::fs::PermissionsExt::from_mode(0o644))
                .unwrap();
            fs::write(object, "").unwrap();
        }
    }
    // The machine has started anew since.
    fs::write(ours.folder.at("store/boot"), "another start\n").unwrap();
    let source = Source::Repository(Layout::discover(repository.path()).unwrap().unwrap());
    let store = Store::open(&ours.folder.at("store"), source, &environment()).unwrap();
    assert_eq!(store.snapshot().unwrap(), snapshot);
    assert_eq!(ours.files(&snapshot.commit)["file"], "100644 1");
}

#[test]
fn line_ends_and_modes_follow_the_users_settings() {
    let repository = Repository::new();
    repository.git(&["config", "core.autocrlf", "input"]);
    repository.git(&["config", "core.fileMode", "false"]);
    repository.write("file", "1\n");
    repository.commit("first");
    repository.write("file", "1\r\n2\r\n").chmod("file", 0o755);
    let ours = Ours::of(repository.path());
    assert_eq!(ours.files(&ours.snapshot().commit)["file"], "100644 1\n2");
}

#[test]
fn the_store_offers_what_the_remote_had() {
    let repository = Repository::new();
    let first = repository.commit("first");
    repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repository.git(&["update-ref", "refs/remotes/origin/release", "HEAD"]);
    repository.git(&["tag", "v1"]);
    repository.git(&["branch", "private"]);
    repository.write("file", "1");
    let ours = Ours::of(repository.path());
    let snapshot = ours.snapshot();
    let layout = Layout::discover(repository.path()).unwrap().unwrap();
    let refs = plim_host::git::Git::open(layout, &environment()).unwrap().refs().unwrap();
    ours.store.offer(&refs, Some("main"), &snapshot.commit).unwrap();
    let store = ours.folder.at("store");
    let offered = repository.git(&["ls-remote", store.to_str().unwrap()]);
    let expected = format!(
        "{0}\tHEAD\n{0}\trefs/heads/main\n{first}\trefs/heads/release\n{first}\trefs/tags/v1",
        snapshot.commit
    );
    assert_eq!(offered, expected);
}
