//! Tells whether a home is still as it was furnished, so that it need not be made again.

use std::{
    collections::BTreeMap,
    fs::{self, DirEntry},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use plim_host::User;

use super::RoomPlan;

/// What is expected at a path.
enum Expected<'a> {
    /// A folder that the room makes, which only the user may look into.
    Folder,
    /// A folder that holds one of the others.
    Parent,
    File(&'a str),
    Link(&'a Path),
}

impl RoomPlan {
    /// Whether `home` holds what [`furnish`](Self::furnish) makes there and nothing else: every name, type, owner,
    /// mode, target and content is looked at, and none of the times.
    pub(super) fn is_furnished(&self, home: &Path) -> bool {
        let expected = self.expected(home);
        let owner = User::this().uid;
        matching(home, &expected, owner) == Some(expected.len())
    }

    fn expected(&self, home: &Path) -> BTreeMap<PathBuf, Expected<'_>> {
        let folders = self.folders.iter().map(|path| (path, Expected::Folder));
        let files = self.files.iter().map(|file| (&file.path, Expected::File(&file.content)));
        let links = self.links.iter().map(|link| (&link.at, Expected::Link(&link.to)));
        let mut expected = BTreeMap::new();
        for (path, what) in files.chain(links).chain(folders) {
            let inside = |path: &&Path| *path != home && path.starts_with(home);
            for parent in path.ancestors().skip(1).take_while(inside) {
                expected.entry(parent.to_owned()).or_insert(Expected::Parent);
            }
            if inside(&path.as_path()) {
                expected.insert(path.clone(), what);
            }
        }
        expected
    }
}

/// How many of `expected` are below `folder`; `None` when something there is not as expected.
fn matching(
    folder: &Path,
    expected: &BTreeMap<PathBuf, Expected<'_>>,
    owner: u32,
) -> Option<usize> {
    let mut found = 0;
    for entry in fs::read_dir(folder).ok()? {
        let entry = entry.ok()?;
        let path = entry.path();
        let what = expected.get(&path)?;
        if !is(&entry, &path, what, owner)? {
            return None;
        }
        found += 1;
        if matches!(what, Expected::Folder | Expected::Parent) {
            found += matching(&path, expected, owner)?;
        }
    }
    Some(found)
}

fn is(entry: &DirEntry, path: &Path, expected: &Expected<'_>, owner: u32) -> Option<bool> {
    let there = entry.metadata().ok()?;
    let mode = there.permissions().mode() & 0o7777;
    let same = match expected {
        Expected::Folder => there.is_dir() && mode == 0o700,
        Expected::Parent => there.is_dir(),
        Expected::File(content) => {
            there.is_file() && mode == 0o600 && fs::read(path).ok()? == content.as_bytes()
        }
        Expected::Link(to) => there.is_symlink() && fs::read_link(path).ok()? == *to,
    };
    Some(same && there.uid() == owner)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use plim_test::sandbox::Sandbox;

    use super::super::{PlannedFile, PlannedLink};
    use super::*;

    fn plan(home: &Path) -> RoomPlan {
        RoomPlan {
            folders: vec![home.to_owned(), home.join(".cache"), home.join(".local/share")],
            files: vec![PlannedFile { path: home.join(".gitconfig"), content: "[a]\n".into() }],
            links: vec![PlannedLink { at: home.join(".cargo/registry"), to: "/shared".into() }],
            ..RoomPlan::default()
        }
    }

    #[test]
    fn a_home_that_nothing_was_done_to_is_kept() {
        let sandbox = Sandbox::new();
        let home = sandbox.at("home");
        let plan = plan(&home);
        plan.furnish().unwrap();
        assert!(plan.is_furnished(&home));
        assert!(!plan.is_furnished(&sandbox.at("none")));
    }

    #[test]
    fn any_change_is_seen() {
        type Change = fn(&Path);
        let changes: [(&str, Change); 8] = [
            ("a new file", |home| fs::write(home.join(".cache/x"), "").unwrap()),
            ("a file gone", |home| fs::remove_file(home.join(".gitconfig")).unwrap()),
            ("other content", |home| fs::write(home.join(".gitconfig"), "[b]\n").unwrap()),
            ("another target", |home| {
                fs::remove_file(home.join(".cargo/registry")).unwrap();
                symlink("/other", home.join(".cargo/registry")).unwrap();
            }),
            ("a folder gone", |home| fs::remove_dir(home.join(".local/share")).unwrap()),
            ("another mode", |home| {
                fs::set_permissions(home.join(".cache"), fs::Permissions::from_mode(0o777)).unwrap()
            }),
            ("a link for a folder", |home| {
                fs::remove_dir(home.join(".cache")).unwrap();
                symlink("/tmp", home.join(".cache")).unwrap();
            }),
            ("a folder more", |home| fs::create_dir(home.join("y")).unwrap()),
        ];
        for (what, change) in changes {
            let sandbox = Sandbox::new();
            let home = sandbox.at("home");
            let plan = plan(&home);
            plan.furnish().unwrap();
            change(&home);
            assert!(!plan.is_furnished(&home), "{what}");
            plan.renew(&home).unwrap();
            assert!(plan.is_furnished(&home), "{what}");
        }
    }
}
