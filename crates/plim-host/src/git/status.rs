//! Reads what is not committed in a working tree.

use std::path::PathBuf;

use super::snapshot::is_nested;
use super::{Git, path_of};
use crate::error::HostError;

/// The state of a working tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The commit at `HEAD`; `None` before the first one.
    pub commit: Option<String>,
    /// The branch that `HEAD` is on; `None` when it is detached.
    pub branch: Option<String>,
    /// What the branch follows, such as `origin/main`.
    pub upstream: Option<String>,
    /// Commits that the upstream lacks, and commits it has more; `None` when it is gone.
    pub ahead_behind: Option<(u32, u32)>,
    /// What differs from the commit, each path once.
    pub changes: Vec<Change>,
    /// Folders that could not be read, so that what differs in them is not known.
    pub unreadable: Vec<PathBuf>,
}

/// A path that differs between the commit and the working tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path, relative to the top of the working tree. That of a repository inside this one
    /// that is no submodule ends with a slash.
    pub path: PathBuf,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Whether the index differs from the commit.
    pub staged: bool,
    /// Whether the file differs from the index.
    pub unstaged: bool,
    /// Whether the commit holds this path.
    pub in_commit: bool,
}

/// What happened to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Content or mode differ.
    Modified,
    /// It is new in the index.
    Added,
    /// It is gone from the index or from the working tree.
    Deleted,
    /// It was moved from this path.
    Renamed(PathBuf),
    /// A merge left it in conflict.
    Unmerged,
    /// It is new, and neither ignored nor in the index.
    Untracked,
}

impl Status {
    /// The repositories inside the tree that are no submodules, as far as they are not ignored.
    pub fn nested(&self) -> Vec<PathBuf> {
        let paths = self.changes.iter().map(|change| &change.path);
        paths.filter(|path| is_nested(path)).cloned().collect()
    }
}

impl Git {
    /// Looks at the working tree, in one process, without writing anything.
    ///
    /// A submodule differs when another commit is checked out in it; changes inside it are not
    /// looked at, since that would follow the submodule's own configuration. Errors: those of
    /// running git.
    pub fn status(&self) -> Result<Status, HostError> {
        let tool = self.tool(&[
            "status",
            "--porcelain=v2",
            "-z",
            "--branch",
            "--untracked-files=all",
            "--ignore-submodules=dirty",
            "--find-renames",
        ])?;
        let said = tool.run()?;
        if !said.status.is_success() {
            return Err(tool.failed(&said));
        }
        let status = parse(&said.stdout).ok_or_else(|| HostError::Unexpected {
            asked: "`git status`".into(),
            answer: String::from_utf8_lossy(&said.stdout).chars().take(200).collect(),
        })?;
        Ok(Status { unreadable: unreadable(&said.stderr), ..status })
    }
}

/// The folders that git could not open, as it warns of on stderr while it goes on (`dir.c`).
pub(super) fn unreadable(stderr: &[u8]) -> Vec<PathBuf> {
    let lines = stderr.split(|byte| *byte == b'\n');
    let quoted = lines.filter_map(|line| line.strip_prefix(b"warning: could not open directory '"));
    let path = |rest: &[u8]| {
        let end = rest.windows(3).rposition(|three| three == b"': ")?;
        Some(path_of(&rest[..end]))
    };
    quoted.filter_map(path).collect()
}

/// Reads `git status --porcelain=v2 -z --branch`; `None` when that is not its form.
pub(super) fn parse(output: &[u8]) -> Option<Status> {
    let mut status = Status::default();
    let mut entries = output.split(|byte| *byte == 0);
    while let Some(entry) = entries.next() {
        match entry.first() {
            Some(b'#') => read_header(&mut status, std::str::from_utf8(entry).ok()?),
            Some(b'1') => status.changes.push(change(entry, 8, None)?),
            Some(b'2') => status.changes.push(change(entry, 9, Some(entries.next()?))?),
            Some(b'u') => status.changes.push(unmerged(entry)?),
            Some(b'?') => status.changes.push(untracked(entry)?),
            Some(b'!') | None => {}
            Some(_) => return None,
        }
    }
    Some(status)
}

fn read_header(status: &mut Status, line: &str) {
    let known = |value: &str| (!value.starts_with('(')).then(|| value.to_owned());
    match line.split_once(' ').and_then(|(_, rest)| rest.split_once(' ')) {
        Some(("branch.oid", value)) => status.commit = known(value),
        Some(("branch.head", value)) => status.branch = known(value),
        Some(("branch.upstream", value)) => status.upstream = Some(value.to_owned()),
        Some(("branch.ab", value)) => status.ahead_behind = ahead_behind(value),
        _ => {}
    }
}

fn ahead_behind(value: &str) -> Option<(u32, u32)> {
    let (ahead, behind) = value.split_once(' ')?;
    Some((ahead.strip_prefix('+')?.parse().ok()?, behind.strip_prefix('-')?.parse().ok()?))
}

/// Reads an entry with `fields` fields before its path, and the former path if it was moved.
fn change(entry: &[u8], fields: usize, from: Option<&[u8]>) -> Option<Change> {
    let parts: Vec<_> = entry.splitn(fields + 1, |byte| *byte == b' ').collect();
    let &[staged, unstaged] = *parts.get(1)? else { return None };
    let kind = match (from, staged, unstaged) {
        // A copy leaves its source alone.
        (Some(from), b'R', _) | (Some(from), _, b'R') => ChangeKind::Renamed(path_of(from)),
        (_, _, b'D') | (_, b'D', _) => ChangeKind::Deleted,
        (_, b'A' | b'C', _) | (_, _, b'A' | b'C') => ChangeKind::Added,
        _ => ChangeKind::Modified,
    };
    Some(Change {
        path: path_of(parts.get(fields)?),
        kind,
        staged: staged != b'.',
        unstaged: unstaged != b'.',
        in_commit: from.is_none() && exists(parts.get(3)?),
    })
}

/// Reads an entry with the modes of base, ours and theirs; ours is that of the commit.
fn unmerged(entry: &[u8]) -> Option<Change> {
    let parts: Vec<_> = entry.splitn(11, |byte| *byte == b' ').collect();
    let (path, in_commit) = (path_of(parts.get(10)?), exists(parts.get(4)?));
    Some(Change { path, kind: ChangeKind::Unmerged, staged: true, unstaged: true, in_commit })
}

/// Whether a mode is that of something that is there.
fn exists(mode: &[u8]) -> bool {
    mode != b"000000"
}

fn untracked(entry: &[u8]) -> Option<Change> {
    let path = path_of(entry.get(2..)?);
    let kind = ChangeKind::Untracked;
    Some(Change { path, kind, staged: false, unstaged: true, in_commit: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn branch_and_upstream_are_read() {
        let text = "# branch.oid abc\0# branch.head a b\0# branch.upstream origin/a\0\
                    # branch.ab +2 -1\0";
        let status = parse(text.as_bytes()).unwrap();
        assert_eq!(status.commit.as_deref(), Some("abc"));
        assert_eq!(status.branch.as_deref(), Some("a b"));
        assert_eq!(status.ahead_behind, Some((2, 1)));
    }

    #[test]
    fn neither_a_detached_head_nor_a_missing_commit_has_a_name() {
        let status = parse(b"# branch.oid (initial)\0# branch.head (detached)\0").unwrap();
        assert_eq!((status.commit, status.branch), (None, None));
    }

    #[test]
    fn a_rename_gives_both_paths() {
        let text = "2 R. N... 100644 100644 100644 a b R100 new name\0old name\0? x\0";
        let status = parse(text.as_bytes()).unwrap();
        assert_eq!(status.changes[0].kind, ChangeKind::Renamed("old name".into()));
        assert_eq!(status.changes[1].path, PathBuf::from("x"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn any_output_is_read_or_refused(output: Vec<u8>) {
            parse(&output);
        }

        #[test]
        fn any_fields_are_read_or_refused(lines in proptest::collection::vec("[#12u?!] [ -~]{0,80}", 0..5)) {
            parse(lines.join("\0").as_bytes());
        }
    }
}
