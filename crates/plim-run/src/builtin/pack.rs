//! Packs files into the zip file of an artifact, and unpacks it; both file by file, so that an artifact
//! of any size takes little memory.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read, Write},
    path::{Component, Path, PathBuf},
};

use zip::{
    CompressionMethod, ZipArchive, ZipWriter, read::ZipFile, result::ZipError,
    write::SimpleFileOptions,
};

use super::Failure;
use crate::bounds::Bounds;

/// Permissions of every file: the real action keeps none.
const MODE: u32 = 0o644;

/// Blocks between which a cancellation is looked for.
const BLOCK: usize = 128 * 1024;

/// Writes `files`, each with its name in the archive, to `output`. The same files give the same bytes:
/// neither times nor permissions are kept.
pub(super) fn pack(
    files: &[(String, PathBuf)],
    level: i64,
    bounds: &Bounds,
    output: &mut dyn Write,
    cancelled: &dyn Fn() -> bool,
) -> Result<(), Failure> {
    let failed = |error: ZipError| Failure::new(format!("cannot write the artifact: {error}"));
    let mut zip = ZipWriter::new_stream(output);
    for (name, path) in files {
        let mut file = bounds.open(path)?;
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        zip.start_file(name.as_str(), options(level, size)).map_err(failed)?;
        copy(&mut file, &mut zip, cancelled).map_err(|error| cannot("store", path, &error))?;
    }
    zip.finish().map_err(failed)?.flush().map_err(|error| failed(error.into()))
}

fn options(level: i64, size: u64) -> SimpleFileOptions {
    // A file that grows while it is read must not outgrow its header.
    let large = size >= u64::from(u32::MAX) / 2;
    let options = SimpleFileOptions::default().unix_permissions(MODE).large_file(large);
    match level {
        0 => options.compression_method(CompressionMethod::Stored),
        level => {
            options.compression_method(CompressionMethod::Deflated).compression_level(Some(level))
        }
    }
}

/// Unpacks the zip file `archive` into the folder `target`; files that exist are replaced. Every name is
/// looked at before anything is written.
pub(super) fn unpack(
    archive: &Path,
    target: &Path,
    bounds: &Bounds,
    cancelled: &dyn Fn() -> bool,
) -> Result<(), Failure> {
    let broken = |error: ZipError| {
        Failure::new(format!("the artifact `{}` cannot be read: {error}", archive.display()))
    };
    let file = File::open(archive).map_err(|error| cannot("read", archive, &error))?;
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
    for i in 0..zip.len() {
        let entry = zip.by_index_raw(i).map_err(broken)?;
        let path = destination(&entry, target)?;
        bounds.check_target(if entry.is_dir() { &path } else { path.parent().unwrap_or(&path) })?;
    }
    bounds.make_folder(target)?;
    for i in 0..zip.len() {
        let mut entry = zip.by_index(i).map_err(broken)?;
        let path = destination(&entry, target)?;
        if entry.is_dir() {
            bounds.make_folder(&path)?;
        } else {
            place(&path, &mut entry, bounds, cancelled)?;
        }
    }
    Ok(())
}

/// Where an entry goes.
fn destination<R: Read>(entry: &ZipFile<'_, R>, target: &Path) -> Result<PathBuf, Failure> {
    let path = inside(entry.name()).filter(|_| !entry.is_symlink());
    path.map(|path| target.join(path)).ok_or_else(|| {
        Failure::new(format!("refused an artifact because of its entry `{}`", entry.name()))
            .advise("find out which step stored it")
    })
}

/// Writes a file at `path` in place of what is there.
pub(super) fn place(
    path: &Path,
    content: &mut dyn Read,
    bounds: &Bounds,
    cancelled: &dyn Fn() -> bool,
) -> Result<(), Failure> {
    bounds.make_folder(path.parent().unwrap_or(path))?;
    let mut write = || {
        // Removed first: writing into it could write through a link.
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        copy(content, &mut file, cancelled)
    };
    write().map_err(|error| cannot("write", path, &error))
}

/// The name of an entry as a path below a folder.
fn inside(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let plain =
        path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    (plain && !name.is_empty() && !name.contains(['\0', '\\'])).then(|| path.to_owned())
}

fn copy(from: &mut dyn Read, to: &mut dyn Write, cancelled: &dyn Fn() -> bool) -> io::Result<()> {
    let mut block = vec![0; BLOCK];
    loop {
        if cancelled() {
            return Err(io::Error::other("the operation was cancelled"));
        }
        match from.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(read) => to.write_all(&block[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn cannot(doing: &str, path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::new(format!("cannot {doing} `{}`: {error}", path.display()));
    match error.kind() {
        io::ErrorKind::StorageFull => failure.advise("free some space on that disk"),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use plim_test::sandbox::Sandbox;
    use proptest::prelude::*;

    use super::*;

    fn zipped(world: &Sandbox, names: &[&str], level: i64) -> Vec<u8> {
        let files: Vec<_> = names.iter().map(|name| ((*name).to_owned(), world.at(name))).collect();
        let mut bytes = Vec::new();
        pack(&files, level, &Bounds::new([world.path()]), &mut bytes, &|| false).unwrap();
        bytes
    }

    fn unzipped(bytes: &[u8], world: &Sandbox) -> Result<(), Failure> {
        world.write("x.zip", bytes);
        unpack(&world.at("x.zip"), &world.at("out"), &Bounds::new([world.path()]), &|| false)
    }

    #[test]
    fn the_same_files_give_the_same_bytes_whatever_their_times_and_permissions() {
        let (one, two) = (Sandbox::new(), Sandbox::new());
        one.write("a", "1").write("b/c", "2".repeat(9_000));
        two.executable("a", "1").write("b/c", "2".repeat(9_000));
        for level in [0, 1, 6, 9] {
            assert_eq!(zipped(&one, &["a", "b/c"], level), zipped(&two, &["a", "b/c"], level));
        }
        assert!(zipped(&one, &["b/c"], 0).len() > 9_000);
        assert!(zipped(&one, &["b/c"], 6).len() < 1_000);
    }

    #[test]
    fn unpacking_gives_the_files_without_their_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let world = Sandbox::new();
        world.executable("tool", "#!/bin/sh").write("d/é", "").write("out/tool", "old");
        unzipped(&zipped(&world, &["tool", "d/é"], 6), &world).unwrap();
        assert_eq!(world.read("out/tool"), "#!/bin/sh");
        assert!(world.exists("out/d/é"));
        let mode = fs::metadata(world.at("out/tool")).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0);
    }

    #[test]
    fn an_entry_that_leads_out_is_refused_before_anything_is_written() {
        for name in ["../x", "/x", "a/../../x", "a\\..\\x"] {
            let world = Sandbox::new();
            let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
            for name in ["good", name] {
                zip.start_file(name, SimpleFileOptions::default()).unwrap();
            }
            let bytes = zip.finish().unwrap().into_inner();
            assert!(unzipped(&bytes, &world).is_err(), "{name}");
            assert!(!world.exists("out"), "{name}");
        }
        let world = Sandbox::new();
        let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
        zip.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        assert!(unzipped(&zip.finish().unwrap().into_inner(), &world).is_err());
    }

    #[test]
    fn a_link_on_the_disk_is_neither_read_nor_written_through() {
        let (world, outside) = (Sandbox::new(), Sandbox::new());
        outside.write("key", "secret");
        world.symlink("key", outside.at("key")).write("a", "1").symlink("out", outside.path());
        let files = [("key".to_owned(), world.at("key"))];
        let bounds = Bounds::new([world.path()]);
        assert!(pack(&files, 6, &bounds, &mut io::sink(), &|| false).is_err());
        assert!(unzipped(&zipped(&world, &["a"], 6), &world).is_err());
        assert!(!outside.exists("a"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn damaged_zip_files_write_nothing_outside(cut in 0_usize..200, flip in 0_usize..300, bit in 0_u8..8) {
            let world = Sandbox::new();
            world.write("in/a", "1").write("in/b/c", "2".repeat(100));
            let mut bytes = zipped(&world, &["in/a", "in/b/c"], 6);
            bytes.truncate(bytes.len().saturating_sub(cut));
            let length = bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(flip % length) {
                *byte ^= 1 << bit;
            }
            let _ = unzipped(&bytes, &world);
            prop_assert!(fs::read_dir(world.path()).unwrap().count() <= 3);
        }
    }
}
