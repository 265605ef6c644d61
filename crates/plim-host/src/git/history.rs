//! Finds where a history of limited depth ends.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZero;

use super::Git;
use crate::error::HostError;

/// More commits than this are not looked at; history then ends earlier than asked.
const MOST: &str = "--max-count=100000";

impl Git {
    /// The commits that are `depth` steps from one of `tips` and have parents: where a clone of
    /// that depth ends.
    ///
    /// Errors: those of running git.
    pub(super) fn boundary(
        &self,
        tips: &BTreeSet<&str>,
        depth: NonZero<u32>,
    ) -> Result<BTreeSet<String>, HostError> {
        if depth.get() == 1 {
            return Ok(tips.iter().map(|tip| (*tip).to_owned()).collect());
        }
        let mut arguments = vec!["rev-list", "--parents", MOST, "--end-of-options"];
        arguments.extend(tips);
        let output = self.tool(&arguments)?.succeed()?;
        Ok(cut(&String::from_utf8_lossy(&output), tips, depth.get()))
    }
}

/// Walks lines of `COMMIT PARENT…` from `tips`, breadth first, and returns where the walk ends
/// although there is more.
fn cut(lines: &str, tips: &BTreeSet<&str>, depth: u32) -> BTreeSet<String> {
    let parents: HashMap<&str, Vec<&str>> = lines
        .lines()
        .map(|line| line.split(' '))
        .filter_map(|mut words| Some((words.next()?, words.collect())))
        .collect();
    let mut level: BTreeSet<&str> = tips.clone();
    let mut seen = level.clone();
    let mut ends = BTreeSet::new();
    for step in 1..=depth {
        let mut next = BTreeSet::new();
        for commit in level {
            match parents.get(commit) {
                Some(parents) if step < depth => {
                    next.extend(parents.iter().filter(|parent| seen.insert(*parent)));
                }
                Some(parents) if parents.is_empty() => {}
                // The end of the walk, or of what was listed.
                Some(_) | None => drop(ends.insert(commit.to_owned())),
            }
        }
        level = next;
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_cut_at_the_shortest_way() {
        // d is a merge of b and c; a is the first commit.
        let lines = "d b c\nc a\nb x\nx a\na\n";
        let cut = |depth| cut(lines, &BTreeSet::from(["d"]), depth).into_iter().collect::<Vec<_>>();
        assert_eq!(cut(2), ["b", "c"]);
        assert_eq!(cut(3), ["x"]);
        assert_eq!(cut(4), [""; 0]);
    }
}
