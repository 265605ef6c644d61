//! Reads from `/proc` which processes descend from which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::raw::Pid;

/// What `/proc/PID/stat` says about a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    /// The name of its program, cut to 15 bytes by the kernel.
    pub(crate) name: String,
    /// Whether it has ended and only waits to be reaped.
    pub(crate) ended: bool,
    /// Who started it, or who adopted it.
    pub(crate) parent: Pid,
    /// The session it belongs to.
    pub(crate) session: Pid,
}

/// Reads what the system says about `pid`; `None` when it is gone.
pub(crate) fn stat(pid: Pid) -> Option<Stat> {
    let bytes = fs::read(format!("/proc/{pid}/stat")).ok()?;
    parse_stat(&String::from_utf8_lossy(&bytes))
}

/// Splits `PID (name) state ppid pgrp session …`; the name may hold spaces and brackets.
fn parse_stat(line: &str) -> Option<Stat> {
    let (_, rest) = line.split_once('(')?;
    let (name, rest) = rest.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    Some(Stat { name: name.to_owned(), ended: matches!(state, "Z" | "X"), parent, session })
}

/// The processes that `pid` started or adopted and that have not been reaped.
pub(crate) fn children(pid: Pid) -> Vec<Pid> {
    let folder = format!("/proc/{pid}/task");
    let tasks = fs::read_dir(Path::new(&folder)).into_iter().flatten().flatten();
    let mut found = Vec::new();
    for task in tasks {
        match fs::read_to_string(task.path().join("children")) {
            Ok(list) => found.extend(list.split_ascii_whitespace().flat_map(str::parse::<Pid>)),
            // Kernels may be built without these lists; a task may also have just ended.
            Err(_) if task.path().exists() => return children_by_scan(pid),
            Err(_) => {}
        }
    }
    found
}

fn children_by_scan(pid: Pid) -> Vec<Pid> {
    all_parents().into_iter().filter(|(_, parent)| *parent == pid).map(|(child, _)| child).collect()
}

fn all_parents() -> BTreeMap<Pid, Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid| Some((pid, stat(pid)?.parent))).collect()
}

/// `root` and everything that descends from it, parents first.
pub(crate) fn with_descendants(root: Pid) -> Vec<Pid> {
    let mut tree = vec![root];
    let mut seen = BTreeSet::from([root]);
    let mut next = 0;
    while let Some(&pid) = tree.get(next) {
        tree.extend(children(pid).into_iter().filter(|child| seen.insert(*child)));
        next += 1;
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_brackets_and_spaces() {
        let stat = parse_stat("12 (a) b (c) S 7 8 9 0").unwrap();
        let expected = Stat { name: "a) b (c".into(), ended: false, parent: 7, session: 9 };
        assert_eq!(stat, expected);
    }

    #[test]
    fn a_zombie_has_ended() {
        assert!(parse_stat("12 (true) Z 7 8 9 0").unwrap().ended);
    }

    #[test]
    fn both_ways_find_a_child() {
        let mut child = std::process::Command::new("sleep").arg("100").spawn().unwrap();
        let (me, pid) = (std::process::id().cast_signed(), child.id().cast_signed());
        assert!(children(me).contains(&pid));
        assert!(children_by_scan(me).contains(&pid));
        assert!(with_descendants(me).contains(&pid));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
