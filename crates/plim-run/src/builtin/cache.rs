//! `actions/cache`: restores a cache now, and saves it when the job has passed.
//!
//! What this action and its two halves share is here: they are one program in the real action, too.

use std::path::PathBuf;

use super::{Builtin, Failure, Input, Invocation, checkout};
use crate::{
    glob::{Glob, Options, trim},
    store::{
        Roots,
        archive::ArchiveError,
        caches::{
            CacheEntry, CacheError, Keep, Opened, OpenedCache, Scopes, Wanted, check_key,
            check_keys, version,
        },
    },
};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions/cache",
    inputs: &[
        Input::implemented("path", ""),
        Input::implemented("key", ""),
        Input::implemented("restore-keys", ""),
        Input::no_effect("upload-chunk-size", "", NOT_IN_CHUNKS),
        Input::no_effect("enableCrossOsArchive", "false", ONLY_ON_WINDOWS),
        Input::implemented("fail-on-cache-miss", "false"),
        Input::implemented("lookup-only", "false"),
        Input::no_effect("save-always", "false", "the real action does not look at it either"),
    ],
    outputs: &["cache-hit"],
    main,
    post: Some(post),
    post_condition: "success()",
    ..Builtin::PLAIN
};

/// Why `upload-chunk-size` changes nothing.
pub(super) const NOT_IN_CHUNKS: &str = "an archive is written to the disk in one piece";
/// Why `enableCrossOsArchive` changes nothing.
pub(super) const ONLY_ON_WINDOWS: &str = "it only matters for caches of Windows";

/// The key that was asked for, and the one that was found, from `main` to `post`.
const PRIMARY: &str = "CACHE_KEY";
const MATCHED: &str = "CACHE_RESULT";

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    check_version(cx)?;
    if !matches!(cx.input("save-always"), "" | "false") {
        cx.log.warning(
            "Input 'save-always' has been deprecated with message: save-always does not work as intended and will be removed in a future release. A separate `actions/cache/restore` step should be used instead.",
        );
    }
    if !is_on_a_ref(cx) {
        return Ok(());
    }
    let key = cx.required("key")?;
    cx.state.insert(PRIMARY.to_owned(), key.to_owned());
    if let Some(found) = restore(cx, key)? {
        cx.state.insert(MATCHED.to_owned(), found);
    }
    Ok(())
}

fn post(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    if !is_on_a_ref(cx) {
        return Ok(());
    }
    let primary = cx.state.get(PRIMARY).cloned().unwrap_or_else(|| cx.input("key").to_owned());
    if primary.is_empty() {
        note(cx, "Key is not specified.");
    } else if cx.state.get(MATCHED).is_some_and(|matched| is_exact(&primary, matched)) {
        cx.log.line(&format!("Cache hit occurred on the primary key {primary}, not saving cache."));
    } else {
        save(cx, &primary)?;
    }
    Ok(())
}

/// GitHub fails these versions, so they must not pass here.
pub(super) fn check_version(cx: &Invocation<'_>) -> Result<(), Failure> {
    match cx.major() {
        Some(major) if major < 3 => Err(Failure::new(format!(
            "`actions/cache@{}` is a version that GitHub has switched off and fails",
            cx.reference
        ))
        .advise("use `actions/cache@v4` or newer")),
        _ => Ok(()),
    }
}

/// Caches belong to a branch, a tag or a pull request; an event without one gets none.
pub(super) fn is_on_a_ref(cx: &mut Invocation<'_>) -> bool {
    if !cx.github("ref").is_empty() {
        return true;
    }
    let event = cx.github("event_name");
    note(
        cx,
        &format!(
            "Event Validation Error: The event type {event} is not supported because it's not tied to a branch or tag ref."
        ),
    );
    false
}

/// The toolkit's own way to warn without failing anything.
fn note(cx: &mut Invocation<'_>, text: &str) {
    cx.log.line(&format!("[warning]{text}"));
}

/// Upper and lower case do not count, as in `isExactKeyMatch`.
fn is_exact(key: &str, matched: &str) -> bool {
    key.to_lowercase() == matched.to_lowercase()
}

/// Restores the best entry for `key` and the other inputs, and returns its key.
pub(super) fn restore(cx: &mut Invocation<'_>, key: &str) -> Result<Option<String>, Failure> {
    let restore_keys = patterns(cx, "restore-keys");
    let restore_keys: Vec<&str> = restore_keys.iter().map(String::as_str).collect();
    let paths = required_paths(cx)?;
    check_keys(key, &restore_keys)?;
    let version = version(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let scopes = scopes(cx);
    let wanted = Wanted { version: &version, scopes: &scopes, key, restore_keys: &restore_keys };
    let Some(entry) = fetch(cx, &wanted, cx.is_true("lookup-only"))? else {
        if cx.is_true("fail-on-cache-miss") {
            return Err(Failure::new(format!(
                "Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: {key}"
            )));
        }
        let keys = [&[key], restore_keys.as_slice()].concat().join(", ");
        cx.log.line(&format!("Cache not found for input keys: {keys}"));
        return Ok(None);
    };
    cx.set_output("cache-hit", is_exact(key, &entry.key).to_string());
    let done = if cx.is_true("lookup-only") { "found and can be restored" } else { "restored" };
    cx.log.line(&format!("Cache {done} from key: {}", entry.key));
    Ok(Some(entry.key))
}

/// Goes through the entries until one is whole; each that is not is a miss.
pub(super) fn fetch(
    cx: &mut Invocation<'_>,
    wanted: &Wanted<'_>,
    lookup_only: bool,
) -> Result<Option<CacheEntry>, Failure> {
    for entry in cx.stores.caches.find(wanted)? {
        cx.check_cancelled()?;
        if lookup_only {
            hit(cx, &entry, wanted.key);
            cx.log.line("Lookup only - skipping download");
            return Ok(Some(entry));
        }
        match cx.stores.caches.open(&entry)? {
            Opened::Whole(opened) => {
                hit(cx, &entry, wanted.key);
                unpack(cx, &entry, opened)?;
                return Ok(Some(entry));
            }
            Opened::Lost(reason) => cx.log.warning(&format!(
                "the cache entry `{}` was damaged and has been removed: {reason}",
                entry.key
            )),
        }
    }
    Ok(None)
}

fn unpack(cx: &mut Invocation<'_>, entry: &CacheEntry, opened: OpenedCache) -> Result<(), Failure> {
    let megabytes = (entry.size + 512 * 1024) / (1024 * 1024);
    cx.log.line(&format!("Cache Size: ~{megabytes} MB ({} B)", entry.size));
    match cx.stores.caches.restore(opened, &roots(cx), cx.cancelled) {
        Ok(restored) => {
            // What was built elsewhere must not pass for built from this tree.
            checkout::restored(cx, &restored)?;
            cx.log.line("Cache restored successfully");
            Ok(())
        }
        Err(error) => {
            if let CacheError::Archive(ArchiveError::Hostile { .. } | ArchiveError::Damaged(_)) =
                error
            {
                cx.stores.caches.remove(entry)?;
            }
            Err(error.into())
        }
    }
}

fn hit(cx: &mut Invocation<'_>, entry: &CacheEntry, key: &str) {
    let what = if entry.key == key { "Cache hit for" } else { "Cache hit for restore-key" };
    cx.log.line(&format!("{what}: {}", entry.key));
}

/// Saves the paths of the inputs under `key`; true when an entry was made. What goes wrong is a warning
/// and no failure, as in the real action: a build that passed does not fail because of its cache.
pub(super) fn save(cx: &mut Invocation<'_>, key: &str) -> Result<bool, Failure> {
    let tried = required_paths(cx).and_then(|paths| try_save(cx, key, &paths));
    cx.check_cancelled()?;
    match tried {
        Ok(saved) => Ok(saved),
        Err(failure) => {
            cx.log.warning(&format!("Failed to save: {}", failure.message));
            Ok(false)
        }
    }
}

fn try_save(cx: &mut Invocation<'_>, key: &str, paths: &[String]) -> Result<bool, Failure> {
    check_key(key)?;
    let found = matched(cx, paths)?;
    if found.is_empty() {
        return Err(Failure::new(
            "Path Validation Error: Path(s) specified in the action for caching do(es) not exist, hence no cache is being saved.",
        ));
    }
    keep(cx, key, &version(&paths.iter().map(String::as_str).collect::<Vec<_>>()), &found)
}

/// Saves files and folders under `key` in the scope of the job's own ref; true when an entry was made.
pub(super) fn keep(
    cx: &mut Invocation<'_>,
    key: &str,
    version: &str,
    found: &[PathBuf],
) -> Result<bool, Failure> {
    let scope = scopes(cx).own;
    let keep = Keep { key, version, scope: &scope };
    let Some(saved) = cx.stores.caches.save(&keep, found, &roots(cx), cx.cancelled)? else {
        cx.log.line(&format!(
            "Failed to save: Unable to reserve cache with key {key}, another job may be creating this cache."
        ));
        return Ok(false);
    };
    for path in &saved.written.left_out {
        cx.log.warning(&format!("`{}` cannot be kept in a cache and was left out", path.display()));
    }
    cx.log.line(&format!(
        "Cache Size: {} B in {} files and folders",
        saved.entry.size, saved.written.entries
    ));
    cx.log.line(&format!("Cache saved with key: {key}"));
    Ok(true)
}

/// The files and folders that the patterns name; a folder stands for all that is in it.
fn matched(cx: &Invocation<'_>, paths: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let options = Options { implicit_descendants: false, ..Options::default() };
    Ok(Glob::new(&paths.join("\n"), cx.workspace, cx.tilde(), options)?.find()?)
}

fn required_paths(cx: &Invocation<'_>) -> Result<Vec<String>, Failure> {
    cx.required("path")?;
    Ok(patterns(cx, "path"))
}

/// The lines of an input; blanks after a `!` do not count.
fn patterns(cx: &Invocation<'_>, name: &str) -> Vec<String> {
    let line = |line: &str| match line.strip_prefix('!') {
        Some(rest) => format!("!{}", trim(rest)),
        None => line.to_owned(),
    };
    cx.lines(name).into_iter().map(line).collect()
}

pub(super) fn scopes(cx: &Invocation<'_>) -> Scopes {
    let default = cx.github("event.repository.default_branch");
    Scopes::new(cx.github("ref"), cx.github("base_ref"), default)
}

fn roots(cx: &Invocation<'_>) -> Roots {
    Roots::new(cx.workspace, cx.home, cx.temporary, cx.tool_cache)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    const TARGET: [(&str, &str); 2] = [("path", "target\n~/.cargo"), ("key", "cargo-1")];

    #[test]
    fn a_miss_saves_at_the_end_and_a_hit_does_not() {
        let bench = Bench::new();
        let first = bench.call(&ACTION, &TARGET);
        assert!(first.passed().log.contains("Cache not found for input keys: cargo-1"));
        assert_eq!(first.outputs, [], "a miss sets no output at all");
        bench.write("target/a", "built").write_home(".cargo/x", "home");
        let saved = bench.post(&ACTION, &TARGET, &first.state);
        assert!(saved.passed().log.contains("Cache saved with key: cargo-1"), "{}", saved.log);

        let later = bench.again();
        let second = later.call(&ACTION, &TARGET);
        assert_eq!(second.passed().output("cache-hit"), "true");
        assert_eq!(
            (later.read("target/a"), later.read_home(".cargo/x")),
            ("built".into(), "home".into())
        );
        let kept = later.post(&ACTION, &TARGET, &second.state);
        assert!(
            kept.passed()
                .log
                .contains("Cache hit occurred on the primary key cargo-1, not saving cache.")
        );
    }

    #[test]
    fn a_restore_key_is_a_hit_that_is_false_and_saves_again() {
        let bench = Bench::new();
        bench.write("target/a", "1");
        bench.post(&ACTION, &TARGET, &Default::default()).passed();
        let later = bench.again();
        let with =
            [("path", "target\n~/.cargo"), ("key", "cargo-2"), ("restore-keys", "npm-\ncargo-")];
        let done = later.call(&ACTION, &with);
        assert_eq!(done.passed().output("cache-hit"), "false");
        assert!(done.log.contains("Cache hit for restore-key: cargo-1"), "{}", done.log);
        assert_eq!(later.read("target/a"), "1");
        assert!(
            later
                .post(&ACTION, &with, &done.state)
                .passed()
                .log
                .contains("Cache saved with key: cargo-2")
        );
    }

    #[test]
    fn globs_choose_what_is_kept() {
        let bench = Bench::new();
        bench.write("out/a.o", "").write("out/b.txt", "").write("out/deep/c.o", "");
        let with = [("path", "out/**/*.o\n! out/deep"), ("key", "k")];
        bench.post(&ACTION, &with, &Default::default()).passed();
        let later = bench.again();
        later.call(&ACTION, &with).passed();
        // `!out/deep` names the folder itself, not what is in it.
        assert!(
            later.exists("out/a.o") && later.exists("out/deep/c.o") && !later.exists("out/b.txt")
        );
    }

    #[test]
    fn looking_up_restores_nothing() {
        let bench = Bench::new();
        bench.write("target/a", "1");
        bench.post(&ACTION, &TARGET, &Default::default()).passed();
        let later = bench.again();
        let done = later.call(&ACTION, &[&TARGET[..], &[("lookup-only", "true")]].concat());
        assert_eq!(done.passed().output("cache-hit"), "true");
        assert!(done.log.contains("Cache found and can be restored from key: cargo-1"));
        assert!(!later.exists("target"));
    }

    #[test]
    fn a_miss_fails_when_asked() {
        let done =
            Bench::new().call(&ACTION, &[&TARGET[..], &[("fail-on-cache-miss", "true")]].concat());
        assert_eq!(
            done.failure(),
            "Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: cargo-1"
        );
    }

    #[test]
    fn a_pull_request_sees_trunk_but_never_writes_there() {
        let bench = Bench::new();
        bench.write("target/a", "trunk");
        bench.post(&ACTION, &TARGET, &Default::default()).passed();
        let pull = bench.again().on_pull_request();
        pull.call(&ACTION, &TARGET).passed();
        assert_eq!(pull.read("target/a"), "trunk");
        pull.write("target/a", "pull");
        let other = [("path", "target"), ("key", "pull-1")];
        pull.post(&ACTION, &other, &Default::default()).passed();
        let trunk = pull.again().on_main();
        assert_eq!(trunk.call(&ACTION, &other).passed().outputs, []);
        assert!(!trunk.exists("target"));
    }

    #[test]
    fn a_damaged_entry_is_a_miss_with_a_warning() {
        let bench = Bench::new();
        bench.write("target/a", "1");
        bench.post(&ACTION, &TARGET, &Default::default()).passed();
        bench.damage_caches();
        let done = bench.again().call(&ACTION, &TARGET);
        assert!(
            done.passed().warnings[0].contains("was damaged and has been removed"),
            "{:?}",
            done.warnings
        );
        assert!(done.log.contains("Cache not found for input keys"));
    }

    #[test]
    fn what_cannot_be_saved_is_a_warning_and_no_failure() {
        let bench = Bench::new();
        let nothing = bench.post(&ACTION, &TARGET, &Default::default());
        assert!(nothing.passed().warnings[0].contains("Path Validation Error"));
        let outside =
            bench.post(&ACTION, &[("path", "/etc/hostname"), ("key", "k")], &Default::default());
        assert!(outside.passed().warnings[0].contains("outside of what this job may use"));
        let comma = bench.post(&ACTION, &[("path", "x"), ("key", "a,b")], &Default::default());
        assert!(comma.passed().warnings[0].contains("cannot contain commas"));
    }

    #[test]
    fn keys_are_checked_before_anything_else() {
        let bench = Bench::new();
        let long = "k".repeat(513);
        let failure = bench.call(&ACTION, &[("path", "x"), ("key", &long)]).failure();
        assert!(failure.contains("cannot be larger than 512 characters"));
        let keys = "k\n".repeat(10);
        let many = bench.call(&ACTION, &[("path", "x"), ("key", "k"), ("restore-keys", &keys)]);
        assert_eq!(many.failure(), "Key Validation Error: Keys are limited to a maximum of 10.");
        assert_eq!(
            bench.call(&ACTION, &[("key", "k")]).failure(),
            "Input required and not supplied: path"
        );
        assert_eq!(
            bench.call(&ACTION, &[("path", "x")]).failure(),
            "Input required and not supplied: key"
        );
    }

    #[test]
    fn an_input_that_does_nothing_says_so() {
        let done = Bench::new().call(&ACTION, &[&TARGET[..], &[("save-always", "true")]].concat());
        assert!(done.passed().warnings[0].contains("'save-always' has been deprecated"));
        assert!(Bench::new().call_as(&ACTION, "v2", &TARGET).failure().contains("switched off"));
    }
}
