//! Writes and restores archives, and refuses hostile ones.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    time::{Duration, SystemTime},
};

use plim_test::sandbox::Sandbox;
use proptest::prelude::*;
use tar::{Builder, EntryType, Header};

use super::*;

fn world() -> Sandbox {
    let world = Sandbox::new();
    for folder in ["w", "home", "temp", "tools"] {
        world.folder(folder);
    }
    world
}

fn roots(world: &Sandbox) -> Roots {
    Roots::new(&world.at("w"), &world.at("home"), &world.at("temp"), &world.at("tools"))
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000)
}

fn archive(world: &Sandbox, paths: &[&str]) -> (Vec<u8>, Written) {
    let paths: Vec<PathBuf> = paths.iter().map(|path| world.at(path)).collect();
    let mut archive = Vec::new();
    let written = write(&paths, &roots(world), &mut archive, &|| false).unwrap();
    (archive, written)
}

fn restore(archive: &[u8], world: &Sandbox) -> Result<Restored, ArchiveError> {
    check(archive, &roots(world), 1_000_000, &|| false)?;
    extract(archive, &roots(world), now(), &|| false)
}

/// An archive of one entry after another: kind, name, what a link says, content.
fn made(entries: &[(EntryType, &str, &str, &str)]) -> Vec<u8> {
    let mut builder = Builder::new(zstd::Encoder::new(Vec::new(), 1).unwrap());
    for (kind, name, target, content) in entries {
        let mut header = Header::new_gnu();
        // The setters refuse what an attacker would write, so the fields are written as they are.
        let fields = header.as_gnu_mut().unwrap();
        fields.name[..name.len()].copy_from_slice(name.as_bytes());
        fields.linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        header.set_mtime(1);
        header.set_size(content.len() as u64);
        header.set_cksum();
        builder.append(&header, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

#[test]
fn files_folders_and_links_come_back_as_they_were() {
    let (from, to) = (world(), world());
    let long = format!("w/target/{}/x", "long".repeat(50));
    from.write(&long, "deep").executable("w/target/tool", "#!/bin/sh\n").folder("w/target/empty");
    from.symlink("w/target/link", "tool")
        .write("home/.cargo/config", "c")
        .chmod("w/target/empty", 0o555);
    fs::hard_link(from.at("w/target/tool"), from.at("w/target/twin")).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::new(1_600_000_000, 123_456_789);
    plim_host::files::set_modified(&from.at("w/target/tool"), time).unwrap();
    let (archive, written) = archive(&from, &["w/target", "w/target/tool", "home/.cargo"]);
    assert_eq!((written.entries, written.left_out.len()), (9, 0));
    to.write("w/target/tool", "old").write("w/target/kept", "kept");
    let restored = restore(&archive, &to).unwrap();
    assert_eq!(restored.entries, 9);
    assert!(restored.newest.unwrap() >= time);
    assert_eq!(to.read(&long), "deep");
    assert_eq!(to.read("w/target/link"), "#!/bin/sh\n");
    assert_eq!(to.read("w/target/kept"), "kept");
    assert_eq!(to.read("home/.cargo/config"), "c");
    let tool = fs::metadata(to.at("w/target/tool")).unwrap();
    assert_eq!((tool.mode() & 0o777, tool.modified().unwrap()), (0o755, time));
    assert_eq!(tool.ino(), fs::metadata(to.at("w/target/twin")).unwrap().ino());
    assert_eq!(fs::metadata(to.at("w/target/empty")).unwrap().permissions().mode() & 0o777, 0o555);
}

#[test]
fn what_cannot_be_kept_is_named() {
    let world = world();
    world.symlink("w/a/out", "/home/somebody/.ssh").symlink("w/a/python", "/usr/bin/python3");
    world.symlink("w/a/up", "../../home").symlink("w/a/higher", "../../..");
    std::os::unix::net::UnixListener::bind(world.at("w/a/socket")).unwrap();
    let (archive, written) = archive(&world, &["w/a"]);
    assert_eq!(
        written.left_out,
        [world.at("w/a/higher"), world.at("w/a/out"), world.at("w/a/socket")]
    );
    let to = self::world();
    restore(&archive, &to).unwrap();
    assert_eq!(fs::read_link(to.at("w/a/python")).unwrap(), Path::new("/usr/bin/python3"));
    let outside = write(&["/etc/hostname".into()], &roots(&world), Vec::new(), &|| false);
    assert!(outside.unwrap_err().to_string().contains("outside of what this job may use"));
}

#[test]
fn what_is_there_already_is_left_alone() {
    let from = world();
    from.write("w/t/a", "a".repeat(200_000)).write("home/b", "b").symlink("w/t/l", "a");
    fs::hard_link(from.at("w/t/a"), from.at("w/t/twin")).unwrap();
    let archive = archive(&from, &["w/t", "home/b"]).0;
    let again = restore(&archive, &from).unwrap();
    assert_eq!((again.entries, again.newest, again.in_workspace), (5, None, false));
    // A difference at the end is found, and what is before it is kept.
    let mut changed = "a".repeat(199_999);
    changed.push('x');
    from.write("w/t/a", changed);
    let time = fs::metadata(from.at("w/t")).unwrap().modified().unwrap();
    let mended = restore(&archive, &from).unwrap();
    assert!(mended.newest.is_some_and(|newest| newest <= time) && mended.in_workspace);
    assert_eq!(from.read("w/t/a"), "a".repeat(200_000));
    assert_eq!(from.read("w/t/twin"), "a".repeat(200_000));
    for other in ["", "a", &"a".repeat(300_000)] {
        from.write("w/t/a", other);
        restore(&archive, &from).unwrap();
        assert_eq!(from.read("w/t/a").len(), 200_000);
    }
    from.remove("home/b");
    let beside = restore(&archive, &from).unwrap();
    assert!(beside.newest.is_some() && !beside.in_workspace);
    // The same content is as old as it was saved, and that is news only when it was older here.
    let saved = fs::metadata(from.at("home/b")).unwrap().modified().unwrap();
    let second = Duration::from_secs(1);
    for (present, is_news) in [(saved + second, false), (saved - second, true)] {
        plim_host::files::set_modified(&from.at("home/b"), present).unwrap();
        assert_eq!(restore(&archive, &from).unwrap().newest, is_news.then_some(saved));
        assert_eq!(fs::metadata(from.at("home/b")).unwrap().modified().unwrap(), saved);
    }
}

#[test]
fn a_time_in_the_future_becomes_now() {
    let (from, to) = (world(), world());
    from.write("w/x", "");
    plim_host::files::set_modified(&from.at("w/x"), now() + Duration::from_secs(1_000)).unwrap();
    let restored = restore(&archive(&from, &["w/x"]).0, &to).unwrap();
    assert_eq!(restored.newest, Some(now()));
    assert_eq!(fs::metadata(to.at("w/x")).unwrap().modified().unwrap(), now());
}

#[test]
fn hostile_archives_are_refused_before_anything_is_written() {
    use EntryType as Kind;
    let good = (Kind::Regular, "workspace/first", "", "1");
    let hostile: &[&[(Kind, &str, &str, &str)]] = &[
        &[(Kind::Regular, "workspace/../../x", "", "1")],
        &[(Kind::Regular, "/etc/x", "", "1")],
        &[(Kind::Regular, "elsewhere/x", "", "1")],
        &[(Kind::Regular, "../x", "", "1")],
        &[(Kind::Regular, "workspace", "", "1")],
        &[(Kind::Symlink, "home", "/etc", "")],
        &[(Kind::Symlink, "workspace/l", "/etc/passwd", "")],
        &[(Kind::Symlink, "workspace/l", "../../x", "")],
        &[(Kind::Symlink, "workspace/l", "/usr/../home/somebody", "")],
        &[(Kind::Symlink, "workspace/l", ".", ""), (Kind::Regular, "workspace/l/x", "", "1")],
        &[(Kind::Link, "workspace/l", "/etc/passwd", "")],
        &[(Kind::Link, "workspace/l", "workspace/not-there", "")],
        &[(Kind::Char, "workspace/null", "", "")],
        &[(Kind::Block, "workspace/disk", "", "")],
        &[(Kind::Fifo, "workspace/pipe", "", "")],
        &[(Kind::GNUSparse, "workspace/sparse", "", "")],
        &[(Kind::Directory, "workspace/../../x", "", "")],
    ];
    for entries in hostile {
        let world = world();
        let mut all = vec![good];
        all.extend_from_slice(entries);
        let result = restore(&made(&all), &world);
        assert!(
            matches!(result, Err(ArchiveError::Hostile { .. } | ArchiveError::Damaged(_))),
            "{entries:?}: {result:?}"
        );
        assert_eq!(fs::read_dir(world.at("w")).unwrap().count(), 0, "{entries:?} wrote something");
    }
    let world = world();
    restore(&made(&[good, (Kind::Link, "workspace/l", "workspace/first", "")]), &world).unwrap();
    assert_eq!(world.read("w/l"), "1");
}

#[test]
fn a_link_on_the_disk_is_not_written_through() {
    let (world, outside) = (world(), Sandbox::new());
    world.symlink("w/a", outside.path()).write("w/real/x", "").symlink("w/b", "real");
    let result = restore(&made(&[(EntryType::Regular, "workspace/a/x", "", "1")]), &world);
    assert!(matches!(result, Err(ArchiveError::Hostile { .. })));
    assert!(!outside.exists("x"));
    restore(&made(&[(EntryType::Regular, "workspace/b/y", "", "1")]), &world).unwrap();
    assert_eq!(world.read("w/real/y"), "1");
    world.symlink("w/file", outside.at("planted"));
    restore(&made(&[(EntryType::Regular, "workspace/file", "", "1")]), &world).unwrap();
    assert_eq!(world.read("w/file"), "1");
    assert!(!outside.exists("planted"));
}

#[test]
fn an_archive_with_more_in_it_than_it_says_is_refused() {
    let big = made(&[(EntryType::Regular, "workspace/x", "", &"x".repeat(5_000))]);
    let result = check(big.as_slice(), &roots(&world()), 4_999, &|| false);
    assert!(matches!(result, Err(ArchiveError::Hostile { .. })));
}

#[test]
fn cancelling_ends_the_work() {
    let world = world();
    world.write("w/x", "");
    let result = write(&[world.at("w")], &roots(&world), Vec::new(), &|| true);
    assert!(matches!(result, Err(ArchiveError::Cancelled)));
    let (archive, _) = archive(&world, &["w"]);
    assert!(matches!(
        check(archive.as_slice(), &roots(&world), 9, &|| true),
        Err(ArchiveError::Cancelled)
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn a_damaged_archive_is_an_error_and_writes_nothing_outside(
        cut in 0_usize..400, flip in 0_usize..400, bit in 0_u8..8,
    ) {
        let (from, to) = (world(), world());
        from.write("w/a/b", "content").symlink("w/a/c", "b").folder("w/a/d");
        let (mut archive, _) = archive(&from, &["w"]);
        archive.truncate(archive.len().saturating_sub(cut));
        if !archive.is_empty() {
            let at = flip % archive.len();
            archive[at] ^= 1 << bit;
        }
        let _ = restore(&archive, &to);
        let names = fs::read_dir(to.path()).unwrap().count();
        prop_assert_eq!(names, 4);
    }

    #[test]
    fn any_bytes_are_no_archive(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(check(bytes.as_slice(), &roots(&world()), 9, &|| false).is_err());
    }
}
