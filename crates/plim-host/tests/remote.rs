//! Fetching from repositories elsewhere.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use plim_host::Environment;
use plim_host::git::Remote;
use plim_test::sandbox::{Repository, Sandbox};

/// A repository with two commits, of which the first is tagged `v1`, with a note; and the names of both.
fn mirror() -> (Repository, String, String) {
    let repository = Repository::new();
    repository.write("action.yml", "name: first\n");
    let first = repository.commit("first");
    repository.git(&["tag", "-a", "v1", "-m", "a note"]);
    repository.git(&["branch", "-M", "main"]);
    repository.write("action.yml", "name: second\n");
    let second = repository.commit("second");
    (repository, first, second)
}

fn remote(repository: &Repository, ours: &Sandbox) -> Remote {
    let address = format!("file://{}", repository.path().display());
    Remote::open(&ours.at("ours"), &address, &environment()).unwrap()
}

fn environment() -> Environment {
    [("PATH", "/usr/bin:/bin")].into_iter().collect()
}

#[test]
fn tags_are_peeled_and_come_before_branches() {
    let ((repository, first, second), ours) = (mirror(), Sandbox::new());
    let remote = remote(&repository, &ours);
    let found = |name: &str| remote.find(name).unwrap().map(|one| (one.name, one.commit));
    assert_eq!(found("v1"), Some(("refs/tags/v1".into(), first.clone())));
    assert_eq!(found("main"), Some(("refs/heads/main".into(), second)));
    assert_eq!(found("v*"), None);
    assert_eq!(remote.fetch("refs/tags/v1").unwrap(), first);
}

#[test]
fn a_commit_is_fetched_that_no_name_leads_to() {
    let ((repository, first, _), ours) = (mirror(), Sandbox::new());
    repository.git(&["tag", "-d", "v1"]);
    let remote = remote(&repository, &ours);
    assert_eq!(remote.fetch(&first).unwrap(), first);
    remote.archive(&first, &ours.at("first.tar")).unwrap();
    let bytes = std::fs::read(ours.at("first.tar")).unwrap();
    assert!(bytes.windows(11).any(|part| part == b"name: first"));
}

#[test]
fn an_address_starts_no_program() {
    let world = Sandbox::new();
    let mark = world.at("mark");
    for address in [format!("ext::touch {}", mark.display()), "--upload-pack=touch x".into()] {
        let remote = Remote::open(&world.at("ours"), &address, &environment()).unwrap();
        remote.find("main").unwrap_err();
    }
    assert!(!mark.exists());
}
