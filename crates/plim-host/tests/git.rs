//! What is read from repositories.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use plim_host::Environment;
use plim_host::git::{AskGit, ChangeKind, Git, Layout, Status};
use plim_test::sandbox::{Repository, Sandbox};

fn environment() -> Environment {
    [("PATH", "/usr/bin:/bin"), ("HOME", "/nonexistent")].into_iter().collect()
}

fn open(path: &Path) -> Git {
    Git::open(Layout::discover(path).unwrap().unwrap(), &environment()).unwrap()
}

fn paths(status: &Status) -> Vec<&str> {
    status.changes.iter().map(|change| change.path.to_str().unwrap()).collect()
}

#[test]
fn a_repository_is_found_from_a_folder_inside_it() {
    let repository = Repository::new();
    repository.folder("a/b");
    let layout = Layout::discover(&repository.at("a/b")).unwrap().unwrap();
    assert_eq!((&layout.tree, &layout.git_folder), (&repository.at(""), &repository.at(".git")));
    assert_eq!(Layout::discover(Sandbox::new().path()).unwrap(), None);
}

#[test]
fn a_linked_working_tree_shares_its_common_folder() {
    let repository = Repository::new();
    repository.commit("first");
    let place = Sandbox::new();
    let linked = place.at("linked");
    repository.git(&["worktree", "add", "-q", "-b", "side", linked.to_str().unwrap()]);
    let layout = Layout::discover(&linked).unwrap().unwrap();
    assert_eq!(layout.common_folder, repository.at(".git"));
    assert_eq!(layout.git_folder, repository.at(".git/worktrees/linked"));
    let status = Git::open(layout, &environment()).unwrap().status().unwrap();
    assert_eq!(status.branch.as_deref(), Some("side"));
}

#[test]
fn a_git_file_that_leads_nowhere_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write(".git", "gitdir: ../gone\n");
    let error = Layout::discover(sandbox.path()).unwrap_err();
    assert!(error.to_string().contains("gitdir: "), "{error}");
}

#[test]
fn a_folder_named_like_a_repository_is_passed_over() {
    let repository = Repository::new();
    repository.folder("inner/.git");
    let layout = Layout::discover(&repository.at("inner")).unwrap().unwrap();
    assert_eq!(layout.tree, repository.at(""));
}

#[test]
fn a_status_names_every_kind_of_change() {
    let repository = Repository::new();
    for file in ["changed", "staged", "gone", "removed", "before"] {
        repository.write(file, format!("{file} with some text to be recognised\n"));
    }
    let commit = repository.commit("first");
    repository.write("changed", "2").write("staged", "2").write("new", "").write("sub/ü b", "");
    repository.remove("gone");
    repository.git(&["add", "staged"]);
    repository.git(&["rm", "-q", "removed"]);
    repository.git(&["mv", "before", "after"]);
    let status = open(repository.path()).status().unwrap();
    assert_eq!((status.commit, status.branch), (Some(commit), Some("main".into())));
    let kinds: Vec<_> = status
        .changes
        .iter()
        .map(|change| {
            (change.path.to_str().unwrap(), &change.kind, change.staged, change.in_commit)
        })
        .collect();
    let before = ChangeKind::Renamed("before".into());
    let expected = [
        ("after", &before, true, false),
        ("changed", &ChangeKind::Modified, false, true),
        ("gone", &ChangeKind::Deleted, false, true),
        ("removed", &ChangeKind::Deleted, true, true),
        ("staged", &ChangeKind::Modified, true, true),
        ("new", &ChangeKind::Untracked, false, false),
        ("sub/ü b", &ChangeKind::Untracked, false, false),
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn a_repository_without_commits_has_a_branch_and_no_commit() {
    let repository = Repository::new();
    repository.write("new", "");
    let status = open(repository.path()).status().unwrap();
    assert_eq!((status.commit.as_ref(), status.branch.as_deref()), (None, Some("main")));
    assert_eq!(paths(&status), ["new"]);
}

#[test]
fn an_upstream_is_counted_against() {
    let repository = Repository::new();
    repository.commit("first");
    repository.git(&["remote", "add", "origin", "https://example.com/o/r.git"]);
    repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repository.git(&["branch", "-q", "--set-upstream-to=origin/main"]);
    repository.commit("second");
    let git = open(repository.path());
    let status = git.status().unwrap();
    assert_eq!(status.upstream.as_deref(), Some("origin/main"));
    assert_eq!(status.ahead_behind, Some((1, 0)));
    assert_eq!(git.remote_url("origin").unwrap(), Some("https://example.com/o/r.git"));
    assert_eq!(git.remote_url("other").unwrap(), None);
}

#[test]
fn what_the_user_ignores_everywhere_is_not_untracked() {
    let repository = Repository::new();
    let home = Sandbox::new();
    repository.write(".idea/x", "").write("a.swp", "").write("b.tmp", "").write("seen", "");
    repository.write(".git/info/exclude", "b.tmp\n");
    home.write(".config/git/ignore", ".idea/\n");
    let mut environment = environment();
    environment.set("HOME", home.path());
    let status = |environment: &Environment| {
        let layout = Layout::discover(repository.path()).unwrap().unwrap();
        Git::open(layout, environment).unwrap().status().unwrap()
    };
    assert_eq!(paths(&status(&environment)), ["a.swp", "seen"]);
    home.write(".gitconfig", "[user]\n\tname = A\n[core]\n\texcludesFile = ~/ignored # mine\n");
    home.write("ignored", "*.swp\n");
    assert_eq!(paths(&status(&environment)), [".idea/x", "seen"]);
}

#[test]
fn commits_are_read_by_any_name_for_them() {
    let repository = Repository::new();
    repository.write("a", "1");
    let first = repository.commit("first\n\nwith a body");
    let second = repository.commit("second");
    repository.git(&["tag", "-a", "-m", "a tag", "v1", &first]);
    let git = open(repository.path());
    let commits =
        git.commits(&["HEAD", "HEAD^", "v1", "no-such-branch", "-x", "HEAD^^{tree}"]).unwrap();
    let ids: Vec<_> = commits.iter().map(|one| one.as_ref().map(|one| one.id.as_str())).collect();
    assert_eq!(ids, [Some(&*second), Some(&*first), Some(&*first), None, None, None]);
    let commit = commits[1].as_ref().unwrap();
    assert_eq!(commit.message, "first\n\nwith a body\n");
    assert_eq!(commit.author.to_string(), "Ada Example <ada@example.com>");
    assert_eq!(commit.author.date(), "2026-01-02T03:00:01+00:00");
    assert_eq!(commit.tree, repository.git(&["rev-parse", "HEAD^^{tree}"]));
    assert_eq!(git.resolve("main").unwrap(), Some(second));
}

#[test]
fn two_and_three_dots_compare_as_the_forge_does() {
    let repository = Repository::new();
    repository.write("base", "1").write("moved", "a text that is long enough to be found again\n");
    let base = repository.commit("base");
    repository.git(&["switch", "-q", "-c", "side"]);
    repository.write("side", "1");
    repository.git(&["mv", "moved", "here"]);
    let side = repository.commit("side");
    repository.git(&["switch", "-q", "main"]);
    repository.write("main", "1");
    let main = repository.commit("main");
    let git = open(repository.path());
    assert_eq!(git.merge_base(&main, &side).unwrap(), Some(base));
    let names = |three| git.diff_names(&main, &side, three).unwrap();
    let expect = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
    assert_eq!(names(true), expect(&["here", "moved", "side"]));
    assert_eq!(names(false), expect(&["here", "main", "moved", "side"]));
    assert!(git.diff_names(&main, "no-such-branch", true).is_err());
    assert!(git.diff_names("--output=/tmp/x", &main, false).is_err());
}

#[test]
fn without_a_common_ancestor_there_is_no_merge_base() {
    let repository = Repository::new();
    let one = repository.commit("one");
    repository.git(&["switch", "-q", "--orphan", "other"]);
    let other = repository.commit("other");
    let git = open(repository.path());
    assert_eq!(git.merge_base(&one, &other).unwrap(), None);
    assert!(git.merge_base(&one, "no-such-branch").is_err());
}

#[test]
fn refs_tell_tags_and_the_default_branch() {
    let repository = Repository::new();
    let commit = repository.commit("first");
    repository.git(&["tag", "light"]);
    repository.git(&["tag", "-a", "-m", "text", "heavy"]);
    repository.git(&["update-ref", "refs/remotes/origin/trunk", "HEAD"]);
    repository.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);
    let refs = open(repository.path()).refs().unwrap();
    assert_eq!(refs.tags_at(&commit), ["heavy", "light"]);
    assert_eq!(refs.default_branch(), Some("trunk"));
    let cloned: Vec<_> = refs.as_cloned().into_iter().map(|(name, _)| name).collect();
    assert_eq!(cloned, ["refs/remotes/origin/trunk", "refs/tags/heavy", "refs/tags/light"]);
}

#[test]
fn files_tell_what_git_tells() {
    let repository = Repository::new();
    repository.write("a", "1");
    let first = repository.commit("first");
    let second = repository.commit("second");
    repository.git(&["tag", "light", &first]);
    repository.git(&["tag", "-a", "-m", "text", "heavy", &first]);
    repository.git(&["update-ref", "refs/remotes/origin/a/b", &first]);
    repository.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/a/b"]);
    repository.git(&["remote", "add", "origin", "https://example.org/a/b"]);
    let names = ["HEAD", "HEAD~1", "HEAD~2", "refs/remotes/origin/HEAD", "refs/heads/none", &first];
    let git = open(repository.path());
    assert_eq!(git.loose_commit(&second).unwrap().parents, std::slice::from_ref(&first));
    assert_eq!(git.loose_ref("refs/remotes/origin/HEAD"), Ok(Some(first.clone())));
    assert_eq!(git.loose_ref("main"), Err(AskGit));
    let told = (git.refs().unwrap(), git.commits(&names).unwrap(), git.plain_config().cloned());
    repository.git(&["gc", "-q"]);
    // A filter that is never used makes the configuration one that only git reads.
    repository.git(&["config", "filter.none.clean", "cat"]);
    let git = open(repository.path());
    assert_eq!((git.loose_commit(&second), git.plain_config()), (Err(AskGit), None));
    assert_eq!((git.refs().unwrap(), git.commits(&names).unwrap()), (told.0, told.1));
    let (plain, whole) = (told.2.unwrap(), git.config().unwrap());
    for name in ["remote.origin.url", "remote.origin.fetch", "core.bare", "core.filemode"] {
        assert_eq!((plain.all(name), plain.get(name).is_some()), (whole.all(name), true), "{name}");
    }
}

#[test]
fn a_shallow_repository_says_so() {
    let repository = Repository::new();
    repository.commit("first");
    repository.commit("second");
    let place = Sandbox::new();
    let clone = place.at("clone");
    let url = format!("file://{}", repository.path().display());
    repository.git(&["clone", "-q", "--depth=1", &url, clone.to_str().unwrap()]);
    assert!(Layout::discover(&clone).unwrap().unwrap().is_shallow());
    assert!(!Layout::discover(repository.path()).unwrap().unwrap().is_shallow());
}

#[test]
fn submodules_are_listed_with_their_addresses() {
    let repository = Repository::new();
    repository.write(
        ".gitmodules",
        "[submodule \"a.b\"]\n\tpath = lib/a\n\turl = https://x.org/a\n[submodule \"c\"]\n\tpath = c\n",
    );
    let submodules = open(repository.path()).submodules().unwrap();
    let expected = [("lib/a", "https://x.org/a"), ("c", "")];
    assert_eq!(submodules, expected.map(|(path, url)| (path.to_owned(), url.to_owned())));
}

#[test]
fn nothing_of_the_environment_or_the_user_changes_what_git_says() {
    let repository = Repository::new();
    repository.commit("first");
    repository.write("new", "");
    let home = Sandbox::new();
    home.write(".gitconfig", "[status]\n\tshowUntrackedFiles = no\n");
    let mut environment = environment();
    environment.set("HOME", home.path());
    environment.set("GIT_DIR", "/nonexistent");
    environment.set("GIT_INDEX_FILE", "/nonexistent");
    environment.set("GIT_CONFIG_PARAMETERS", "'core.bare'='true'");
    environment.set("LANG", "de_DE.UTF-8");
    let layout = Layout::discover(repository.path()).unwrap().unwrap();
    let status = Git::open(layout, &environment).unwrap().status().unwrap();
    assert_eq!(paths(&status), ["new"]);
}

#[test]
fn looking_never_writes_the_index() {
    let repository = Repository::new();
    repository.write("file", "1");
    repository.commit("first");
    // The same content at another time makes git want to write the new time down.
    repository.write("file", "1");
    let index = fs::read(repository.at(".git/index")).unwrap();
    let git = open(repository.path());
    git.status().unwrap();
    git.refs().unwrap();
    assert_eq!(fs::read(repository.at(".git/index")).unwrap(), index);
    assert!(!repository.exists(".git/index.lock"));
}

#[test]
fn without_git_the_program_is_named() {
    let repository = Repository::new();
    let environment = [("PATH", "/nonexistent")].into_iter().collect();
    let layout = Layout::discover(repository.path()).unwrap().unwrap();
    let error = Git::open(layout, &environment).unwrap_err();
    assert_eq!(error.to_string(), "`git` is in no folder of `PATH` (`/nonexistent`)");
}
