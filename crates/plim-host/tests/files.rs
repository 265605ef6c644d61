//! Files and folders: copied, replaced, locked, removed and timed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use plim_host::files::{
    FolderWatch, Lock, LockKind, LockRequest, copy_tree, disk_space, modified, remove_tree,
    replace, set_modified, write_durably,
};
use plim_host::{HostError, Waker};
use plim_test::sandbox::Sandbox;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_copy_has_content_permissions_times_and_links() {
    let sandbox = Sandbox::new();
    sandbox.write("from/a/b.txt", "text").executable("from/run", "#!").symlink("from/link", "run");
    sandbox.symlink("from/dangling", "nowhere").chmod("from/a", 0o555);
    let old = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    set_modified(&sandbox.at("from/a/b.txt"), old).unwrap();
    set_modified(&sandbox.at("from/link"), old).unwrap();
    let copied = copy_tree(&sandbox.at("from"), &sandbox.at("to")).unwrap();
    assert_eq!((copied.files, copied.bytes), (2, 6));
    assert_eq!(sandbox.read("to/a/b.txt"), "text");
    assert_eq!((mode(&sandbox.at("to/run")), mode(&sandbox.at("to/a"))), (0o755, 0o555));
    assert_eq!(fs::read_link(sandbox.at("to/dangling")).unwrap(), Path::new("nowhere"));
    assert_eq!(modified(&sandbox.at("to/a/b.txt")).unwrap(), old);
    assert_eq!(modified(&sandbox.at("to/link")).unwrap(), old);
    sandbox.chmod("from/a", 0o755).chmod("to/a", 0o755);
}

#[test]
fn a_copy_is_never_the_same_file() {
    let sandbox = Sandbox::new();
    sandbox.write("from/a", "1");
    fs::hard_link(sandbox.at("from/a"), sandbox.at("from/b")).unwrap();
    copy_tree(&sandbox.at("from"), &sandbox.at("to")).unwrap();
    let file = |path: &str| fs::metadata(sandbox.at(path)).unwrap();
    assert_eq!((file("to/a").nlink(), file("to/b").nlink()), (1, 1));
    sandbox.write("to/a", "2");
    assert_eq!(sandbox.read("from/a"), "1");
}

#[test]
fn a_copy_replaces_files_and_never_writes_through_a_link() {
    let sandbox = Sandbox::new();
    sandbox.write("from/a", "new").write("outside", "keep").symlink("to/a", "../outside");
    copy_tree(&sandbox.at("from"), &sandbox.at("to")).unwrap();
    assert_eq!((sandbox.read("to/a").as_str(), sandbox.read("outside").as_str()), ("new", "keep"));
}

#[test]
fn pipes_and_sockets_are_left_out_and_named() {
    let sandbox = Sandbox::new();
    sandbox.write("from/a", "1");
    let _socket = std::os::unix::net::UnixListener::bind(sandbox.at("from/socket")).unwrap();
    let copied = copy_tree(&sandbox.at("from"), &sandbox.at("to")).unwrap();
    assert_eq!(copied.left_out, [sandbox.at("from/socket")]);
    assert!(!sandbox.exists("to/socket"));
}

#[test]
fn writing_replaces_whole_files() {
    let sandbox = Sandbox::new();
    let path = sandbox.at("file");
    for write in [write_durably, replace] {
        write(&path, b"1").unwrap();
        let first = fs::metadata(&path).unwrap().ino();
        write(&path, b"2").unwrap();
        assert_ne!(fs::metadata(&path).unwrap().ino(), first);
        assert_eq!(mode(&path), 0o644);
    }
    assert_eq!(fs::read_dir(sandbox.path()).unwrap().count(), 1);
    let error = replace(&sandbox.at("no/file"), b"").unwrap_err();
    assert!(error.to_string().starts_with("could not write `"), "{error}");
}

#[test]
fn a_lock_tells_who_holds_it() {
    let sandbox = Sandbox::new();
    let path = sandbox.at("lock");
    let held = Lock::take(&path, LockKind::Exclusive, "`plim run` (process 12)").unwrap();
    let error = Lock::take(&path, LockKind::Exclusive, "me").unwrap_err();
    assert!(error.to_string().ends_with("is locked by `plim run` (process 12)"), "{error}");
    drop(held);
    Lock::take(&path, LockKind::Exclusive, "me").unwrap();
}

#[test]
fn shared_locks_share_and_exclude_an_exclusive_one() {
    let sandbox = Sandbox::new();
    let path = sandbox.at("lock");
    let _one = Lock::take(&path, LockKind::Shared, "one").unwrap();
    let _two = Lock::take(&path, LockKind::Shared, "two").unwrap();
    assert!(matches!(Lock::take(&path, LockKind::Exclusive, "me"), Err(HostError::Locked { .. })));
}

#[test]
fn waiting_for_a_lock_ends_when_it_is_free_or_when_woken() {
    let sandbox = Sandbox::new();
    let path = sandbox.at("lock");
    let held = Lock::take(&path, LockKind::Exclusive, "first").unwrap();
    let waker = Waker::new().unwrap();
    let mut told = String::new();
    std::thread::scope(|scope| {
        let woken = waker.clone();
        scope.spawn(move || woken.wake());
        let tell = |holder: &str| told = holder.to_owned();
        let error = Lock::wait(&path, LockKind::Exclusive, "me", &waker, tell).unwrap_err();
        assert!(matches!(error, HostError::Locked { .. }));
    });
    assert_eq!(told, "first");
    waker.reset();
    let mut held = Some(held);
    Lock::wait(&path, LockKind::Exclusive, "me", &waker, |_| held = None).unwrap();
}

#[test]
fn a_lock_file_that_was_removed_does_not_let_two_in() {
    let sandbox = Sandbox::new();
    let path = sandbox.at("lock");
    let _old = Lock::take(&path, LockKind::Exclusive, "old").unwrap();
    fs::remove_file(&path).unwrap();
    let _new = Lock::take(&path, LockKind::Exclusive, "new").unwrap();
    assert!(Lock::take(&path, LockKind::Exclusive, "me").is_err());
}

#[test]
fn read_only_folders_are_removed_and_links_not_followed() {
    let sandbox = Sandbox::new();
    sandbox.write("keep/file", "").write("gone/a/b/file", "").symlink("gone/link", "../keep");
    sandbox.chmod("gone/a/b", 0o555).chmod("gone/a", 0o555);
    remove_tree(&sandbox.at("gone")).unwrap();
    remove_tree(&sandbox.at("gone")).unwrap();
    assert!(!sandbox.exists("gone") && sandbox.exists("keep/file"));
}

#[test]
fn times_before_1970_are_set_too() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "");
    for time in [Duration::new(5, 0), Duration::new(5, 1)] {
        let time = SystemTime::UNIX_EPOCH - time;
        set_modified(&sandbox.at("file"), time).unwrap();
        assert_eq!(modified(&sandbox.at("file")).unwrap(), time);
    }
}

#[test]
fn a_disk_has_no_more_free_than_in_all() {
    let space = disk_space(Path::new("/")).unwrap();
    assert!(space.free <= space.total && space.total > 0);
    assert!(disk_space(Path::new("/no/such/folder")).is_err());
}

#[test]
fn a_request_for_a_lock_is_told_when_it_is_given_and_given_back_when_it_is_dropped() {
    let world = Sandbox::new();
    let (path, ready) = (world.at("lock"), Waker::new().unwrap());
    let held = Lock::take(&path, LockKind::Exclusive, "first").unwrap();
    let mut kept = LockRequest::new(&path, LockKind::Exclusive, "second", &ready).unwrap();
    let dropped = LockRequest::new(&path, LockKind::Exclusive, "third", &ready).unwrap();
    assert!(kept.given().unwrap().is_none());
    drop(dropped);
    drop(held);
    let watch = FolderWatch::new(world.path());
    while !ready.reset() {
        watch.wait(&ready);
    }
    let lock = kept.given().unwrap().unwrap();
    assert_eq!(world.read("lock"), "second");
    drop(lock);
    Lock::wait(&path, LockKind::Exclusive, "fourth", &Waker::new().unwrap(), |_| {}).unwrap();
}

#[test]
fn a_watch_tells_what_was_put_into_a_folder() {
    let world = Sandbox::new();
    let (watch, waker) = (FolderWatch::new(world.path()), Waker::new().unwrap());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            while !world.exists("new") {
                watch.wait(&waker);
            }
        });
        replace(&world.at("new"), b"x").unwrap();
        waiting.join().unwrap();
        waker.wake();
        watch.wait(&waker);
    });
}
