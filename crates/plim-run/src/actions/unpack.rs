//! Unpacks the archive of a commit, and refuses what would lead out of the folder.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Component, Path, PathBuf},
};

use tar::{Archive, Entry, EntryType};

/// Unpacks the tar archive `file` into the new folder `to`.
///
/// Links are made last, when nothing is written any more that could go through one. Errors: a sentence that names the
/// path which is absolute or leads out of the folder, or what could not be read or written.
pub(super) fn unpack(file: &Path, to: &Path) -> Result<(), String> {
    let open = File::open(file).and_then(|file| fs::create_dir(to).map(|()| file));
    let open = open.map_err(|error| error.to_string())?;
    let mut archive = Archive::new(io::BufReader::new(open));
    let mut links = Vec::new();
    for entry in archive.entries().map_err(|error| error.to_string())? {
        let entry = entry.map_err(|error| error.to_string())?;
        unpack_entry(entry, to, &mut links)?;
    }
    for (path, target) in &links {
        let made = make_parent(&to.join(path)).and_then(|()| symlink(target, to.join(path)));
        made.map_err(|error| format!("`{}`: {error}", path.display()))?;
    }
    links.iter().try_for_each(|(path, _)| check_link(to, path))
}

type Links = Vec<(PathBuf, PathBuf)>;

fn unpack_entry(
    mut entry: Entry<'_, impl io::Read>,
    to: &Path,
    links: &mut Links,
) -> Result<(), String> {
    let path = entry.path().map_err(|error| error.to_string())?.into_owned();
    let fail = |error: io::Error| format!("`{}`: {error}", path.display());
    let kind = entry.header().entry_type();
    if kind == EntryType::XGlobalHeader {
        return Ok(());
    }
    let inner = inside(&path)?;
    match kind {
        EntryType::Directory => fs::create_dir_all(to.join(inner)).map_err(fail),
        EntryType::Regular => {
            let place = to.join(inner);
            let is_program = entry.header().mode().map_err(fail)? & 0o111 != 0;
            make_parent(&place).map_err(fail)?;
            let mut file = File::create_new(&place).map_err(fail)?;
            io::copy(&mut entry, &mut file).map_err(fail)?;
            let mode = if is_program { 0o755 } else { 0o644 };
            file.set_permissions(fs::Permissions::from_mode(mode)).map_err(fail)
        }
        EntryType::Symlink => {
            let target = entry.link_name().map_err(fail)?.unwrap_or_default().into_owned();
            check_target(&inner, &target)?;
            links.push((inner, target));
            Ok(())
        }
        _ => Err(format!("`{}` is neither a file nor a folder nor a link", path.display())),
    }
}

/// A relative path without `..`.
fn inside(path: &Path) -> Result<PathBuf, String> {
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    let is_git = path.iter().next().is_some_and(|first| first.eq_ignore_ascii_case(".git"));
    if path.components().all(is_plain) && !is_git {
        Ok(path.components().filter(|part| *part != Component::CurDir).collect())
    } else {
        Err(format!("the path `{}` leads out of the folder", path.display()))
    }
}

/// A link must be relative, and as written not lead out.
fn check_target(path: &Path, target: &Path) -> Result<(), String> {
    let mut depth = path.components().count() - 1;
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            _ => return Err(leads_out(path)),
        }
    }
    Ok(())
}

/// What a link leads to through other links must be inside, too.
fn check_link(root: &Path, path: &Path) -> Result<(), String> {
    let root = root.canonicalize().map_err(|error| error.to_string())?;
    match root.join(path).canonicalize() {
        Ok(real) if !real.starts_with(&root) => Err(leads_out(path)),
        // One that leads nowhere, or in a circle, leads to nothing outside.
        _ => Ok(()),
    }
}

fn leads_out(path: &Path) -> String {
    format!("the link `{}` leads out of the folder", path.display())
}

fn make_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

#[cfg(test)]
mod tests {
    use plim_test::sandbox::Sandbox;

    use super::*;

    fn archive(world: &Sandbox, entries: &[(&str, EntryType, &str)]) -> PathBuf {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, kind, content) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_mode(0o644);
            let data = if *kind == EntryType::Symlink {
                header.set_link_name_literal(content).unwrap();
                ""
            } else {
                content
            };
            header.set_size(data.len() as u64);
            let name = &mut header.as_old_mut().name;
            name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            builder.append(&header, data.as_bytes()).unwrap();
        }
        world.write("archive.tar", builder.into_inner().unwrap());
        world.at("archive.tar")
    }

    #[test]
    fn links_and_paths_that_lead_out_are_refused() {
        let (file, link) = (EntryType::Regular, EntryType::Symlink);
        let refused: [&[(&str, EntryType, &str)]; 7] = [
            &[("../a", file, "x")],
            &[("/a", file, "x")],
            &[("a", link, "/etc/passwd")],
            &[("a", link, "../b")],
            &[("a/b", link, "../../c")],
            &[("x/y/up", link, "../.."), ("out", link, "x/y/up/..")],
            &[(".git/config", file, "x")],
        ];
        for entries in refused {
            let world = Sandbox::new();
            let said = unpack(&archive(&world, entries), &world.at("to")).unwrap_err();
            assert!(said.contains("leads out of the folder"), "{entries:?}: {said}");
        }
    }

    #[test]
    fn links_inside_stay_what_they_are() {
        let world = Sandbox::new();
        let entries = [
            ("dist/index.js", EntryType::Regular, "x"),
            ("lib/main.js", EntryType::Symlink, "../dist/index.js"),
            ("dangling", EntryType::Symlink, "nowhere"),
        ];
        unpack(&archive(&world, &entries), &world.at("to")).unwrap();
        assert_eq!(world.read("to/lib/main.js"), "x");
        assert_eq!(fs::read_link(world.at("to/dangling")).unwrap(), Path::new("nowhere"));
    }
}
