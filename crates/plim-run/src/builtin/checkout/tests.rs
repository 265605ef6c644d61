//! Checks out real repositories.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

use plim_host::files::{modified, set_modified};
use plim_test::sandbox::Repository;

use super::*;
use crate::builtin::{bench::Bench, cache};

/// A repository with two commits, a tag and a remote.
fn repository() -> Repository {
    let repository = Repository::new();
    repository.write("src/main.rs", "fn main() {}").write(".gitignore", "target\n");
    repository.commit("first");
    repository.git(&["tag", "-a", "v1.0", "-m", "one"]);
    repository.write("README.md", "two");
    repository.commit("second");
    repository.git(&["remote", "add", "origin", "git@github.com:octo/cat.git"]);
    repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repository.git(&["branch", "other", "HEAD^"]);
    repository
}

/// Runs git in the workspace as a step would, and returns what it says.
#[track_caller]
fn git(bench: &Bench, arguments: &[&str]) -> String {
    let output = command(bench, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "a step would start git itself")]
fn command(bench: &Bench, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(bench.workspace());
    command.env("PATH", format!("{}:/usr/bin:/bin", bench.machine().at("bin").display()));
    command.env("HOME", bench.home()).env("GIT_CONFIG_NOSYSTEM", "1").output().unwrap()
}

#[test]
fn the_commit_of_the_event_is_checked_out_clean_with_one_commit_of_history() {
    let repository = repository();
    let bench = Bench::with_origin(&repository);
    let done = bench.call(&ACTION, &[]);
    assert_eq!(done.passed().output("commit"), repository.head());
    assert_eq!(done.output("ref"), "refs/heads/main");
    assert_eq!(bench.read("src/main.rs"), "fn main() {}");
    assert_eq!(git(&bench, &["status", "--porcelain"]), "");
    git(&bench, &["diff", "--exit-code"]);
    assert_eq!(git(&bench, &["rev-list", "--count", "HEAD"]), "1");
    assert_eq!(git(&bench, &["rev-parse", "--abbrev-ref", "HEAD"]), "main");
    assert_eq!(git(&bench, &["config", "remote.origin.url"]), "https://github.com/octo/cat");
    assert_eq!(git(&bench, &["tag"]), "");
    assert!(!command(&bench, &["push", "origin", "main"]).status.success());
}

#[test]
fn uncommitted_work_is_a_commit_of_its_own() {
    let repository = repository();
    repository.write("new.txt", "n").write("README.md", "three");
    let bench = Bench::with_origin(&repository);
    bench.call(&ACTION, &[]).passed();
    assert_eq!((bench.read("new.txt"), bench.read("README.md")), ("n".into(), "three".into()));
    assert_eq!(git(&bench, &["status", "--porcelain"]), "");
}

#[test]
fn the_whole_history_brings_branches_and_tags() {
    let repository = repository();
    let bench = Bench::with_origin(&repository);
    bench.call(&ACTION, &[("fetch-depth", "0")]).passed();
    assert_eq!(git(&bench, &["rev-list", "--count", "HEAD"]), "2");
    assert!(git(&bench, &["describe", "--tags"]).starts_with("v1.0-1-g"));
    let two = Bench::with_origin(&repository);
    two.call(&ACTION, &[("fetch-depth", "2"), ("fetch-tags", "true")]).passed();
    assert_eq!(git(&two, &["rev-list", "--count", "HEAD"]), "2");
    assert_eq!(git(&two, &["tag"]), "v1.0");
}

#[test]
fn branches_tags_and_commits_can_be_named() {
    let repository = repository();
    let first = repository.git(&["rev-parse", "HEAD^"]);
    let bench = Bench::with_origin(&repository);
    for (reference, told, head) in [
        ("other", "other", "other"),
        ("refs/heads/other", "refs/heads/other", "other"),
        ("v1.0", "v1.0", "HEAD"),
        ("refs/tags/v1.0", "refs/tags/v1.0", "HEAD"),
        (first.as_str(), "", "HEAD"),
    ] {
        let done = bench.call(&ACTION, &[("ref", reference)]);
        assert_eq!((done.passed().output("commit"), done.output("ref")), (first.as_str(), told));
        assert_eq!(git(&bench, &["rev-parse", "--abbrev-ref", "HEAD"]), head);
        assert!(!bench.exists("README.md"));
    }
    let main = bench.call(&ACTION, &[("ref", "main")]);
    assert_eq!(main.passed().output("commit"), repository.head());
}

#[test]
fn what_is_not_in_the_local_clone_fails_and_says_so() {
    let repository = repository();
    let bench = Bench::with_origin(&repository);
    let done = bench.call(&ACTION, &[("ref", "nowhere")]);
    assert_eq!(
        done.failure(),
        "a branch or tag with the name `nowhere` could not be found: it is not in the local clone"
    );
    assert!(done.help().contains("git fetch"));
    let commit = "0123456789012345678901234567890123456789";
    assert!(bench.call(&ACTION, &[("ref", commit)]).failure().contains("not in the local clone"));
    for (name, value) in
        [("repository", "octo/other"), ("github-server-url", "https://ghe.example")]
    {
        let failure = bench.call(&ACTION, &[(name, value)]).failure();
        assert!(failure.contains("remote repositories are not available offline"), "{failure}");
    }
    let failure = bench.call(&ACTION, &[("repository", "cat")]).failure();
    assert!(failure.contains("`cat` is not of the form `owner/repo`"), "{failure}");
    bench
        .call(&ACTION, &[("repository", "Octo/Cat"), ("github-server-url", "https://github.com/")])
        .passed();
}

#[test]
fn a_pull_request_is_checked_out_detached() {
    let repository = repository();
    let bench = Bench::with_origin(&repository).on_pull_request();
    let done = bench.call(&ACTION, &[]);
    assert_eq!(done.passed().output("ref"), "refs/pull/7/merge");
    assert_eq!(git(&bench, &["rev-parse", "--abbrev-ref", "HEAD"]), "HEAD");
    git(&bench, &["rev-parse", "--verify", "refs/remotes/pull/7/merge"]);
}

#[test]
fn a_checkout_can_go_into_a_folder_of_the_workspace() {
    let repository = repository();
    let bench = Bench::with_origin(&repository);
    bench.write("own.txt", "o");
    bench.call(&ACTION, &[("path", "a/b")]).passed();
    assert_eq!((bench.read("a/b/README.md"), bench.read("own.txt")), ("two".into(), "o".into()));
    let outside = bench.call(&ACTION, &[("path", "../elsewhere")]).failure();
    assert!(
        outside.starts_with("Repository path '") && outside.contains("is not under"),
        "{outside}"
    );
    bench.symlink("link", "/etc");
    assert!(
        bench
            .call(&ACTION, &[("path", "link/x")])
            .failure()
            .contains("outside of what this job may use")
    );
}

#[test]
fn what_was_in_the_way_is_removed_and_clean_decides_about_the_rest() {
    let repository = repository();
    let bench = Bench::with_origin(&repository);
    bench.write("left.txt", "from a step before");
    let done = bench.call(&ACTION, &[]);
    assert!(done.passed().log.contains("Deleting the contents of"));
    assert!(!bench.exists("left.txt"));
    bench.write("extra.txt", "x").write("README.md", "changed");
    bench.call(&ACTION, &[("clean", "false")]).passed();
    assert!(bench.exists("extra.txt"));
    assert_eq!(bench.read("README.md"), "two");
    bench.call(&ACTION, &[]).passed();
    assert!(!bench.exists("extra.txt"));
}

#[test]
fn a_part_of_the_tree_can_be_checked_out() {
    let repository = repository();
    repository.write("docs/a.md", "a").write("docs/b.txt", "b");
    repository.commit("docs");
    let bench = Bench::with_origin(&repository);
    bench.call(&ACTION, &[("sparse-checkout", "src")]).passed();
    assert!(bench.exists("src/main.rs") && bench.exists("README.md") && !bench.exists("docs"));
    assert_eq!(git(&bench, &["status", "--porcelain"]), "");
    let with = [("sparse-checkout", "*.md"), ("sparse-checkout-cone-mode", "false")];
    bench.call(&ACTION, &with).passed();
    assert!(bench.exists("README.md") && bench.exists("docs/a.md"));
    assert!(!bench.exists("src") && !bench.exists("docs/b.txt"));
    bench.call(&ACTION, &[]).passed();
    assert!(bench.exists("docs/b.txt") && bench.exists("src/main.rs"));
}

/// A repository whose `big.bin` is kept by Git LFS, and the file in its storage.
fn with_a_large_file() -> (Repository, PathBuf) {
    let repository = repository();
    let (digest, content) = (hexadecimal(&Sha256::digest("large")), "large");
    let pointer =
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 5\n");
    repository.write("assets/.gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    repository.write("assets/big.bin", pointer);
    repository.commit("lfs");
    let place = format!(".git/lfs/objects/{}/{}/{digest}", &digest[..2], &digest[2..4]);
    repository.write(&place, content);
    let place = repository.at(place);
    (repository, place)
}

#[test]
fn large_files_come_from_the_storage_of_the_clone() {
    let (repository, place) = with_a_large_file();
    set_modified(&place, SystemTime::UNIX_EPOCH).unwrap();
    let bench = Bench::with_origin(&repository);
    let pointer = repository.at("assets/big.bin").display().to_string();
    bench.program("git-lfs", &format!("test $1 != clean && echo git-lfs/3.7.0 || cat '{pointer}'"));
    let lfs = [("lfs", "true")];
    bench.call(&ACTION, &lfs).passed();
    assert_eq!(bench.read("assets/big.bin"), "large");
    // It is new, however old it is in the storage, and a copy of its own.
    let file = bench.workspace().join("assets/big.bin");
    assert!(modified(&file).unwrap() > SystemTime::UNIX_EPOCH + Duration::from_secs(1));
    assert_eq!(git(&bench, &["status", "--porcelain"]), "");
    bench.call(&ACTION, &lfs).passed();
    assert_eq!(bench.read("assets/big.bin"), "large");
    bench.call(&ACTION, &[]).passed();
    assert!(bench.read("assets/big.bin").starts_with("version https://git-lfs"));

    fs::write(&place, "other").unwrap();
    let failure = bench.call(&ACTION, &lfs).failure();
    assert!(failure.contains("`assets/big.bin` is damaged in the local clone"), "{failure}");
    fs::remove_file(&place).unwrap();
    let failure = bench.call(&ACTION, &lfs).failure();
    assert!(failure.contains("`assets/big.bin` is not in the local clone"), "{failure}");
}

#[test]
fn a_large_file_that_is_not_committed_is_warned_of() {
    let (repository, _) = with_a_large_file();
    repository.write("assets/new.bin", "large, too");
    let bench = Bench::with_origin(&repository);
    bench.says("git-lfs", "git-lfs/3.7.0");
    let done = bench.call(&ACTION, &[("lfs", "true")]);
    assert!(done.passed().warnings[0].starts_with("`assets/new.bin` is in the commit itself"));
}

#[test]
fn large_files_need_git_lfs_only_where_there_are_some() {
    let plain = repository();
    Bench::with_origin(&plain).call(&ACTION, &[("lfs", "true")]).passed();
    let (repository, _) = with_a_large_file();
    let bench = Bench::with_origin(&repository);
    let failure = bench.call(&ACTION, &[("lfs", "true")]).failure();
    assert!(failure.contains("`git-lfs` is not on this machine"), "{failure}");
}

#[test]
fn submodules_come_from_the_local_clone_or_fail() {
    let library = Repository::new();
    library.write("lib.rs", "lib");
    let inner = library.commit("library");
    let repository = repository();
    let url = library.path().display().to_string();
    repository.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "--name",
        "the lib",
        &url,
        "vendor/lib",
    ]);
    repository.commit("with a submodule");
    let bench = Bench::with_origin(&repository);
    bench.call(&ACTION, &[]).passed();
    assert!(!bench.exists("vendor/lib/lib.rs"));
    bench.call(&ACTION, &[("submodules", "recursive")]).passed();
    assert_eq!(bench.read("vendor/lib/lib.rs"), "lib");
    assert_eq!(git(&bench, &["status", "--porcelain"]), "");
    assert!(git(&bench, &["submodule", "status"]).starts_with(&inner));
    let absent =
        fs::read_dir(repository.at(".git/modules")).unwrap().next().unwrap().unwrap().path();
    fs::remove_dir_all(absent).unwrap();
    repository.remove("vendor/lib").folder("vendor/lib");
    let failure =
        Bench::with_origin(&repository).call(&ACTION, &[("submodules", "true")]).failure();
    assert!(failure.starts_with("the submodule `vendor/lib` at"), "{failure}");
    assert!(failure.contains("not in the local clone"), "{failure}");
}

#[test]
fn the_code_of_a_fork_is_not_checked_out_where_it_would_be_trusted() {
    let repository = repository();
    let mut bench = Bench::with_origin(&repository);
    bench.github["event_name"] = "pull_request_target".into();
    bench.github["event"]["repository"]["id"] = 1.into();
    bench.github["event"]["pull_request"] = serde_json::json!({
        "head": { "sha": repository.head(), "repo": { "id": 2 } },
    });
    let head = repository.head();
    let failure = bench.call(&ACTION, &[("ref", &head)]).failure();
    assert!(failure.starts_with("Refusing to check out fork pull request code"), "{failure}");
    assert!(bench.call(&ACTION, &[("ref", "refs/pull/7/head")]).failure().starts_with("Refusing"));
    bench.call(&ACTION, &[]).passed();
    bench.call(&ACTION, &[("ref", &head), ("allow-unsafe-pr-checkout", "true")]).passed();
    bench.github["event"]["pull_request"]["head"]["repo"]["id"] = 1.into();
    bench.call(&ACTION, &[("ref", &head)]).passed();
}

#[test]
fn no_repository_is_a_failure() {
    let failure = Bench::new().call(&ACTION, &[]).failure();
    assert_eq!(failure, "a repository to check out gave something unexpected: `none`");
}

/// A cache of `target` that was built from another branch must not make this one look built: what is
/// restored is older than every source, though the sources are older than the checkout of today.
#[test]
fn after_a_restore_every_source_is_newer_than_what_was_restored() {
    let repository = repository();
    let bench = Bench::with_origin(&repository);
    bench.call(&ACTION, &[]).passed();
    bench.write("target/out", "built on another branch");
    let written = fs::metadata(bench.at("target/out")).unwrap().modified().unwrap();
    let built = written - Duration::from_secs(3_600);
    plim_host::files::set_modified(&bench.at("target/out"), built).unwrap();
    let with = [("path", "target"), ("key", "k")];
    bench.post(&cache::ACTION, &with, &Default::default()).passed();
    // The source was last written long before, as in a workspace that outlives runs.
    for file in ["src/main.rs", "README.md"] {
        plim_host::files::set_modified(&bench.at(file), built - Duration::from_secs(3_600))
            .unwrap();
    }
    bench.remove("target");
    bench.call(&cache::ACTION, &with).passed();
    let time = |file: &str| fs::metadata(bench.at(file)).unwrap().modified().unwrap();
    assert_eq!(time("target/out"), built, "what is restored keeps its time");
    for file in ["src/main.rs", "README.md", ".gitignore"] {
        assert!(time(file) > time("target/out"), "{file}");
    }
    assert_eq!(git(&bench, &["status", "--porcelain"]), "");
}

/// The outputs may also lie outside of the workspace, and be restored before the checkout.
#[test]
fn a_checkout_after_a_restore_is_newer_than_it_too() {
    let repository = repository();
    let bench = Bench::with_origin(&repository);
    bench.call(&ACTION, &[]).passed();
    bench.write_home("target/out", "built on another branch");
    let with = [("path", "~/target"), ("key", "k")];
    bench.post(&cache::ACTION, &with, &Default::default()).passed();
    let built = fs::metadata(bench.home().join("target/out")).unwrap().modified().unwrap();
    bench.call(&cache::ACTION, &with).passed();
    // As in a workspace that a former run left, brought back by the checkout.
    for file in ["src/main.rs", "README.md", ".gitignore"] {
        let earlier = built - Duration::from_secs(3_600);
        plim_host::files::set_modified(&bench.at(file), earlier).unwrap();
    }
    bench.call(&ACTION, &[]).passed();
    for file in ["src/main.rs", "README.md", ".gitignore"] {
        assert!(fs::metadata(bench.at(file)).unwrap().modified().unwrap() > built, "{file}");
    }
}

/// The same with a real build tool, where there is one: `make` compares times.
#[test]
fn a_restored_build_of_another_branch_is_built_again() {
    if !Path::new("/usr/bin/make").exists() {
        return;
    }
    let repository = repository();
    repository.write(
        "Makefile",
        "target/out: src/main.rs\n\t@mkdir -p target\n\t@cp src/main.rs target/out\n",
    );
    repository.commit("make");
    let bench = Bench::with_origin(&repository);
    bench.call(&ACTION, &[("ref", "main")]).passed();
    bench.write("target/out", "built from something else");
    let with = [("path", "target"), ("key", "k")];
    bench.post(&cache::ACTION, &with, &Default::default()).passed();
    bench.call(&ACTION, &[]).passed();
    bench.call(&cache::ACTION, &with).passed();
    assert_eq!(bench.read("target/out"), "built from something else");
    #[expect(clippy::disallowed_methods, reason = "a step would start make itself")]
    let made = Command::new("make").current_dir(bench.workspace()).status().unwrap();
    assert!(made.success());
    assert_eq!(bench.read("target/out"), "fn main() {}");
}

/// What is cached and lies in the workspace still, just so, changes nothing: the build goes on where it was.
#[test]
fn restoring_what_is_there_keeps_every_time() {
    let repository = repository();
    let bench = Bench::with_origin(&repository);
    bench.call(&ACTION, &[]).passed();
    bench.write("target/out", "built here");
    let with = [("path", "target"), ("key", "k")];
    bench.post(&cache::ACTION, &with, &Default::default()).passed();
    let time = |file: &str| fs::metadata(bench.at(file)).unwrap().modified().unwrap();
    let before = ["src/main.rs", "README.md", "target/out"].map(time);
    bench.call(&cache::ACTION, &with).passed();
    assert_eq!(["src/main.rs", "README.md", "target/out"].map(time), before);
}

#[test]
fn what_a_step_staged_survives_a_restore() {
    let repository = repository();
    let bench = Bench::with_origin(&repository);
    bench.call(&ACTION, &[]).passed();
    bench.write("target/out", "x").write("README.md", "staged");
    let with = [("path", "target"), ("key", "k")];
    bench.post(&cache::ACTION, &with, &Default::default()).passed();
    git(&bench, &["add", "README.md"]);
    bench.write("target/out", "y");
    bench.call(&cache::ACTION, &with).passed();
    assert_eq!(git(&bench, &["status", "--porcelain"]), "M  README.md");
}
