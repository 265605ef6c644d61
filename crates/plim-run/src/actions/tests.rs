//! The store end to end, with repositories on this machine.

use plim_host::{Clock, Environment};
use plim_test::sandbox::{Repository, Sandbox};

use super::*;

/// A user with a cache, and mirrors of `octo/…`.
struct Harbour {
    world: Sandbox,
    clock: Clock,
    environment: Environment,
}

impl Harbour {
    fn new() -> Self {
        Self {
            world: Sandbox::new(),
            clock: Clock::real(),
            environment: [("PATH", "/usr/bin:/bin")].into_iter().collect(),
        }
    }

    fn store(&self) -> ActionStore {
        ActionStore::of_cache(&self.world.at("cache"))
    }

    fn fetch(&self, mirror: &Repository, name: &str) -> Result<Fetched, ActionStoreError> {
        self.fetch_with(mirror, name, false)
    }

    fn fetch_with(
        &self,
        mirror: &Repository,
        name: &str,
        update: bool,
    ) -> Result<Fetched, ActionStoreError> {
        let template = format!("file://{}", mirror.path().display());
        let (store, clock, environment) = (&self.store(), &self.clock, &self.environment);
        let fetcher = Fetcher { store, template: &template, environment, clock, update };
        fetcher.fetch(&name_of(name))
    }
}

fn name_of(text: &str) -> ActionName {
    ActionName::parse(text).unwrap()
}

fn mirror() -> Repository {
    let mirror = Repository::new();
    mirror.write("action.yml", "runs: {using: composite, steps: []}\n");
    mirror.executable("run.sh", "#!/bin/sh\necho first\n");
    mirror.commit("first");
    mirror.git(&["tag", "v1"]);
    mirror
}

#[test]
fn what_was_fetched_is_found_and_copied() {
    let (harbour, mirror) = (Harbour::new(), mirror());
    let Fetched::New(stored) = harbour.fetch(&mirror, "octo/act@v1").unwrap() else { panic!() };
    assert_eq!((stored.commit.as_str(), stored.files), (mirror.head().as_str(), 2));
    let store = harbour.store();
    assert_eq!(store.find(&name_of("Octo/Act/inner@v1")).unwrap(), Some(stored.clone()));
    assert_eq!(
        store.find(&name_of(&format!("octo/act@{}", mirror.head()))).unwrap().unwrap().commit,
        stored.commit
    );
    assert_eq!(store.find(&name_of("octo/act@v2")).unwrap(), None);
    store.copy(&stored, &harbour.world.at("job/act")).unwrap();
    assert_eq!(harbour.world.read("job/act/run.sh"), "#!/bin/sh\necho first\n");
    // A job may change its copy.
    harbour.world.write("job/act/run.sh", "changed");
    assert!(store.is_whole(&stored));
}

#[test]
fn a_tag_that_moved_is_told_and_followed_only_when_asked() {
    let (harbour, mirror) = (Harbour::new(), mirror());
    let old = harbour.fetch(&mirror, "octo/act@v1").unwrap().stored().commit.clone();
    assert!(matches!(harbour.fetch(&mirror, "octo/act@v1").unwrap(), Fetched::Present(_)));
    mirror.write("run.sh", "second");
    let new = mirror.commit("second");
    mirror.git(&["tag", "-f", "v1"]);
    match harbour.fetch(&mirror, "octo/act@v1").unwrap() {
        Fetched::Moved { stored, now } => assert_eq!((&stored.commit, &now), (&old, &new)),
        other => panic!("{other:?}"),
    }
    assert_eq!(harbour.store().find(&name_of("octo/act@v1")).unwrap().unwrap().commit, old);
    let updated = harbour.fetch_with(&mirror, "octo/act@v1", true).unwrap();
    assert!(
        matches!(&updated, Fetched::Updated { old: was, stored } if *was == old && stored.commit == new)
    );
}

#[test]
fn a_commit_that_is_there_asks_nothing_of_the_network() {
    let (harbour, mirror) = (Harbour::new(), mirror());
    let pinned = format!("octo/act@{}", mirror.head());
    harbour.fetch(&mirror, "octo/act@v1").unwrap();
    mirror.remove(".git");
    assert!(matches!(harbour.fetch(&mirror, &pinned).unwrap(), Fetched::Present(_)));
    let error = harbour.fetch(&mirror, "octo/act@v1").unwrap_err();
    assert!(matches!(error, ActionStoreError::Unreachable { .. }), "{error}");
}

#[test]
fn files_that_were_changed_or_cut_short_are_refused_and_mended() {
    let (harbour, mirror) = (Harbour::new(), mirror());
    let stored = harbour.fetch(&mirror, "octo/act@v1").unwrap().stored().clone();
    let store = harbour.store();
    for content in ["", "#!/bin/sh\necho evil\n"] {
        std::fs::write(store.folder_of(&stored).join("run.sh"), content).unwrap();
        let error = store.copy(&stored, &harbour.world.at("job")).unwrap_err();
        assert_eq!(error.to_string(), "the files of `octo/act@v1` are not those that were fetched");
        assert_eq!(error.help().unwrap(), "fetch it again with `plim actions fetch octo/act@v1`");
        assert!(!harbour.world.exists("job"));
        assert!(matches!(harbour.fetch(&mirror, "octo/act@v1").unwrap(), Fetched::Mended(_)));
        assert!(store.is_whole(&stored));
    }
}

#[test]
fn a_record_that_is_cut_short_or_newer_is_told_and_can_be_removed() {
    let (harbour, mirror) = (Harbour::new(), mirror());
    harbour.fetch(&mirror, "octo/act@v1").unwrap();
    let store = harbour.store();
    let file = store.record_file(&name_of("octo/act@v1"));
    let text = std::fs::read_to_string(&file).unwrap();
    for broken in [&text[..text.len() / 2], &text.replace("\"version\": 1", "\"version\": 2")] {
        std::fs::write(&file, broken).unwrap();
        let error = store.find(&name_of("octo/act@v1")).unwrap_err();
        assert!(matches!(error, ActionStoreError::Record { .. }), "{error}");
        let is_wanted = |name: &ActionName| name.is_same_repository(&name_of("octo/act@v1"));
        store.remove(&is_wanted, false).unwrap();
        assert_eq!(store.list().unwrap(), []);
    }
}

#[test]
fn removing_takes_the_trees_that_nothing_needs() {
    let (harbour, mirror) = (Harbour::new(), mirror());
    mirror.git(&["tag", "v1.0"]);
    let stored = harbour.fetch(&mirror, "octo/act@v1").unwrap().stored().clone();
    harbour.fetch(&mirror, "octo/act@v1.0").unwrap();
    let store = harbour.store();
    let is_v1 = |name: &ActionName| &*name.reference == "v1";
    let removed = store.remove(&is_v1, false).unwrap();
    assert_eq!((removed.stored.len(), removed.bytes), (1, 0));
    assert!(store.is_whole(&stored));
    assert!(store.remove(&|_| true, true).unwrap().bytes > 0 && store.is_whole(&stored));
    store.remove(&|_| true, false).unwrap();
    assert!(store.list().unwrap().is_empty() && !store.folder_of(&stored).exists());
}

#[test]
fn two_fetches_at_once_leave_one_whole_store() {
    let (harbour, mirror) = (Harbour::new(), mirror());
    for tag in 2..6 {
        mirror.write("run.sh", format!("{tag}")).write("big", vec![b'x'; 200_000]);
        mirror.commit("more");
        mirror.git(&["tag", &format!("v{tag}")]);
    }
    std::thread::scope(|scope| {
        for _ in 0..2 {
            for tag in 1..6 {
                let name = format!("octo/act@v{tag}");
                let (harbour, template) = (&harbour, format!("file://{}", mirror.path().display()));
                scope.spawn(move || {
                    let (store, clock) = (&harbour.store(), &harbour.clock);
                    let environment = &harbour.environment;
                    let fetcher =
                        Fetcher { store, template: &template, environment, clock, update: false };
                    fetcher.fetch(&name_of(&name)).unwrap();
                });
            }
        }
    });
    let all = harbour.store().list().unwrap();
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|stored| harbour.store().is_whole(stored)));
}

#[test]
fn a_reference_that_is_not_there_is_told() {
    let (harbour, mirror) = (Harbour::new(), mirror());
    let error = harbour.fetch(&mirror, "octo/act@v9").unwrap_err();
    assert!(error.to_string().ends_with("has no tag or branch `v9`"), "{error}");
    let short = harbour.fetch(&mirror, "octo/act@0123456").unwrap_err();
    assert_eq!(short.help().unwrap(), "write all 40 digits of the commit, as GitHub asks for");
}

#[test]
fn a_link_that_leads_out_is_refused_and_nothing_is_stored() {
    let (harbour, mirror) = (Harbour::new(), mirror());
    mirror.symlink("passwords", "/etc/passwd");
    mirror.commit("a link");
    let error = harbour.fetch(&mirror, "octo/act@main").unwrap_err();
    assert!(matches!(error, ActionStoreError::Unsafe { .. }), "{error}");
    assert!(harbour.store().list().unwrap().is_empty());
}

#[test]
fn without_git_the_program_is_named() {
    let (mut harbour, mirror) = (Harbour::new(), mirror());
    harbour.environment.set("PATH", "/nonexistent");
    let error = harbour.fetch(&mirror, "octo/act@v1").unwrap_err();
    assert_eq!(error.help().unwrap(), "install git, which fetches actions");
}

#[test]
fn what_is_used_is_found_through_composite_actions_and_called_workflows() {
    let (harbour, inner) = (Harbour::new(), Repository::new());
    inner.write(
        "wrap/action.yml",
        "runs: {using: composite, steps: [{uses: octo/deep@v2}, {uses: $/side}]}\n",
    );
    inner.write("side/action.yml", "runs: {using: composite, steps: [{uses: octo/side@v3}]}\n");
    inner.write(
        ".github/workflows/called.yml",
        "on: workflow_call\njobs: {a: {uses: ./.github/workflows/next.yml}}\n",
    );
    inner.write(
        ".github/workflows/next.yml",
        "on: workflow_call\njobs: {a: {runs-on: x, steps: [{uses: octo/next@v4}]}}\n",
    );
    inner.commit("first");
    inner.git(&["tag", "v1"]);
    let root = Repository::new();
    root.write("local/action.yml", "runs: {using: composite, steps: [{uses: octo/local@v5}]}\n");
    root.write(
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  a: {runs-on: x, steps: [{uses: actions/checkout@v4}, {uses: octo/inner/wrap@v1}, {uses: ./local}]}\n  b: {uses: octo/inner/.github/workflows/called.yml@v1}\n",
    );
    let look = || {
        let files = crate::source::workflow_files(root.path()).unwrap();
        let found = used(root.path(), &files, &harbour.store());
        found.iter().map(|one| format!("{} {}", one.name, one.built_in)).collect::<Vec<_>>()
    };
    assert_eq!(look(), ["actions/checkout@v4 true", "octo/inner@v1 false", "octo/local@v5 false"]);
    harbour.fetch(&inner, "octo/inner@v1").unwrap();
    assert_eq!(
        look(),
        [
            "actions/checkout@v4 true",
            "octo/deep@v2 false",
            "octo/inner@v1 false",
            "octo/local@v5 false",
            "octo/next@v4 false",
            "octo/side@v3 false"
        ]
    );
}
