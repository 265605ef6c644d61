//! Saves, finds, restores and evicts caches in real folders.

use std::time::Duration;

use plim_test::sandbox::Sandbox;
use proptest::prelude::*;

use super::*;

struct World {
    sandbox: Sandbox,
    clock: Clock,
}

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        for folder in ["w", "home", "temp", "tools"] {
            sandbox.folder(folder);
        }
        let clock = Clock::fixed(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        Self { sandbox, clock }
    }

    fn caches(&self) -> Caches {
        Caches::new(self.sandbox.at("caches"), self.clock.clone())
    }

    fn roots(&self) -> Roots {
        let at = |name: &str| self.sandbox.at(name);
        Roots::new(&at("w"), &at("home"), &at("temp"), &at("tools"))
    }

    /// Saves the file `w/x` with this content, one second after the last one.
    fn save(&self, caches: &Caches, scope: &str, key: &str, content: &str) -> Option<Saved> {
        self.clock.advance(Duration::from_secs(1));
        self.sandbox.write("w/x", content);
        let keep = Keep { key, version: "v", scope };
        caches.save(&keep, &[self.sandbox.at("w/x")], &self.roots(), &|| false).unwrap()
    }

    fn found(
        &self,
        caches: &Caches,
        scopes: &Scopes,
        key: &str,
        restore_keys: &[&str],
    ) -> Vec<String> {
        let wanted = Wanted { version: "v", scopes, key, restore_keys };
        let names = caches.find(&wanted).unwrap().into_iter();
        names.map(|entry| format!("{} {}", entry.scope, entry.key)).collect()
    }
}

fn main_branch() -> Scopes {
    Scopes::new("refs/heads/main", "", "main")
}

#[test]
fn what_was_saved_is_restored_once_and_for_all() {
    let world = World::new();
    let caches = world.caches();
    let saved = world.save(&caches, "refs/heads/main", "k", "one").unwrap();
    assert_eq!((saved.entry.key.as_str(), saved.entry.unpacked), ("k", 3));
    assert_eq!(
        world.save(&caches, "refs/heads/main", "k", "two"),
        None,
        "keys are never overwritten"
    );
    let Opened::Whole(opened) = caches.open(&saved.entry).unwrap() else { panic!("it is damaged") };
    let restored = caches.restore(opened, &world.roots(), &|| false).unwrap();
    assert_eq!(restored.entries, 1);
    assert_eq!(world.sandbox.read("w/x"), "one");
}

#[test]
fn the_key_itself_comes_first_then_the_newest_with_its_beginning_then_restore_keys() {
    let world = World::new();
    let caches = world.caches();
    for key in ["cargo-1", "cargo-2-old", "cargo-2", "npm-1", "cargo-2-new", "npm-2"] {
        world.save(&caches, "refs/heads/main", key, key);
    }
    let found = |key: &str, restore: &[&str]| -> Vec<String> {
        let found = world.found(&caches, &main_branch(), key, restore);
        found.into_iter().map(|name| name.replace("refs/heads/main ", "")).collect()
    };
    assert_eq!(found("cargo-2", &[]), ["cargo-2", "cargo-2-new", "cargo-2-old"]);
    assert_eq!(found("other", &["npm-1", "npm-"]), ["npm-1", "npm-2"]);
    assert_eq!(found("other", &["cargo-1", ""]).first().map(String::as_str), Some("cargo-1"));
    assert_eq!(found("other", &[]), Vec::<String>::new());
    assert_eq!(found("CARGO-1", &[]), Vec::<String>::new());
}

#[test]
fn a_branch_sees_its_own_its_base_and_the_default_branch() {
    let world = World::new();
    let caches = world.caches();
    for scope in ["refs/heads/main", "refs/heads/next", "refs/heads/topic", "refs/pull/7/merge"] {
        world.save(&caches, scope, "k", scope);
    }
    let seen = |scopes: Scopes| world.found(&caches, &scopes, "k", &[]);
    let pull = Scopes::new("refs/pull/7/merge", "next", "main");
    assert_eq!(seen(pull), ["refs/pull/7/merge k", "refs/heads/next k", "refs/heads/main k"]);
    assert_eq!(
        seen(Scopes::new("refs/heads/topic", "", "main")),
        ["refs/heads/topic k", "refs/heads/main k"]
    );
    assert_eq!(seen(main_branch()), ["refs/heads/main k"]);
    assert_eq!(seen(Scopes::new("refs/tags/v1", "", "main")), ["refs/heads/main k"]);
}

#[test]
fn other_paths_are_another_version() {
    assert_eq!(
        version(&["target", "~/.cargo"]),
        "797c9fdfb10bf10ef03742cb5d85ec09c8721cd73d87d0f6684140c4cc049caa"
    );
    assert_ne!(version(&["target"]), version(&["target", "x"]));
}

#[test]
fn a_damaged_entry_is_a_miss_and_removed() {
    for damage in ["cut", "changed", "gone"] {
        let world = World::new();
        let caches = world.caches();
        let entry = world.save(&caches, "refs/heads/main", "k", "content").unwrap().entry;
        let archive = world.sandbox.at("caches").join(&entry.archive);
        let mut bytes = fs::read(&archive).unwrap();
        match damage {
            "cut" => fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap(),
            "changed" => {
                bytes[10] ^= 1;
                fs::write(&archive, bytes).unwrap();
            }
            _ => fs::remove_file(&archive).unwrap(),
        }
        assert!(matches!(caches.open(&entry).unwrap(), Opened::Lost(_)), "{damage}");
        assert_eq!(caches.list().unwrap(), []);
        assert!(world.save(&caches, "refs/heads/main", "k", "again").is_some());
    }
}

#[test]
fn what_was_not_used_for_longest_is_evicted_first() {
    let world = World::new();
    let caches = world.caches();
    let sizes: Vec<u64> =
        ["a", "b", "c"].map(|key| world.save(&caches, "s", key, key).unwrap().entry.size).into();
    let first = caches.list().unwrap().pop().unwrap();
    world.clock.advance(Duration::from_secs(1));
    assert!(matches!(caches.open(&first).unwrap(), Opened::Whole(_)));
    let caches = world.caches().with_budget(sizes.iter().sum::<u64>() + 10);
    world.save(&caches, "s", "d", "d").unwrap();
    let mut left: Vec<_> = caches.list().unwrap().into_iter().map(|entry| entry.key).collect();
    left.sort();
    assert_eq!(left, ["a", "c", "d"], "`a` is the oldest, but it was used");
}

#[test]
fn an_archive_over_the_limit_is_not_kept() {
    let world = World::new();
    let caches = world.caches().with_budget(10);
    world.sandbox.write("w/x", "x");
    let keep = Keep { key: "k", version: "v", scope: "s" };
    let result = caches.save(&keep, &[world.sandbox.at("w/x")], &world.roots(), &|| false);
    assert!(matches!(result, Err(CacheError::TooLarge { .. })));
    assert_eq!(fs::read_dir(world.sandbox.at("caches")).unwrap().count(), 0);
}

#[test]
fn files_of_a_killed_run_are_removed_after_a_day() {
    let world = World::new();
    let caches = world.caches();
    world.save(&caches, "s", "k", "x");
    world.sandbox.write("caches/.save-abc", "").write("caches/old.tar.zst", "");
    for name in ["caches/.save-abc", "caches/old.tar.zst"] {
        plim_host::files::set_modified(&world.sandbox.at(name), world.clock.now()).unwrap();
    }
    caches.evict(None).unwrap();
    assert!(world.sandbox.exists("caches/.save-abc"));
    world.clock.advance(Duration::from_secs(25 * 60 * 60));
    caches.evict(None).unwrap();
    assert!(!world.sandbox.exists("caches/.save-abc"));
    assert_eq!(caches.list().unwrap().len(), 1);
}

#[test]
fn two_saves_of_one_key_at_once_keep_exactly_one() {
    let world = World::new();
    let caches = world.caches();
    world.sandbox.write("w/x", "x");
    let (paths, roots) = ([world.sandbox.at("w/x")], world.roots());
    let keep = Keep { key: "k", version: "v", scope: "s" };
    let saved: usize = std::thread::scope(|scope| {
        let save = || caches.save(&keep, &paths, &roots, &|| false).unwrap();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(save)).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).count()
    });
    assert_eq!(saved, 1);
    assert_eq!(caches.list().unwrap().len(), 1);
    let archives = fs::read_dir(world.sandbox.at("caches")).unwrap().flatten();
    let archives = archives.filter(|file| file.file_name().to_string_lossy().ends_with(".zst"));
    assert_eq!(archives.count(), 1);
}

#[test]
fn keys_are_limited_as_by_the_toolkit() {
    assert!(check_key(&"k".repeat(512)).is_ok());
    assert_eq!(
        check_key(&"k".repeat(513)).unwrap_err().to_string(),
        format!("Key Validation Error: {} cannot be larger than 512 characters.", "k".repeat(513))
    );
    assert_eq!(
        check_key("a,b").unwrap_err().to_string(),
        "Key Validation Error: a,b cannot contain commas."
    );
    assert!(check_keys("k", &["r"; 9]).is_ok());
    assert_eq!(
        check_keys("k", &["r"; 10]).unwrap_err().to_string(),
        "Key Validation Error: Keys are limited to a maximum of 10."
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn descriptions_of_any_content_are_passed_over_or_read(text in ".{0,200}") {
        let world = Sandbox::new();
        world.write("x.json", &text);
        let _ = Caches::new(world.path().to_owned(), Clock::real()).list().unwrap();
    }
}
