//! The closest name is the one a person may have meant.

/// The candidate nearest to `name`, for "did you mean"; `None` when nothing is near enough.
///
/// Distance counts inserted, removed, changed and swapped characters (Damerau-Levenshtein, each place touched once),
/// and case does not count. One edit in three characters is near enough, one in a name of two, none in a single
/// character. The first of equally near candidates wins.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = folded(name);
    let bound = match name.len() {
        0 | 1 => 0,
        length => (length / 3).clamp(1, MOST_EDITS),
    };
    let mut best = None;
    for candidate in candidates {
        let Some(distance) = distance(&name, &folded(candidate), bound) else { continue };
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Beyond four edits even long names are different names.
const MOST_EDITS: usize = 4;

fn folded(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// The optimal string alignment distance, or `None` above `bound`.
fn distance(from: &[char], to: &[char], bound: usize) -> Option<usize> {
    if from.len().abs_diff(to.len()) > bound {
        return None;
    }
    let mut before: Vec<usize> = vec![];
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let changed = above[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut least = changed.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().filter(|&distance| distance <= bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 6] = ["on", "jobs", "runs-on", "steps", "needs", "timeout-minutes"];

    #[test]
    fn a_slip_finds_its_name() {
        assert_eq!(closest("step", KEYS), Some("steps"));
        assert_eq!(closest("jbos", KEYS), Some("jobs"));
        assert_eq!(closest("no", KEYS), Some("on"));
        assert_eq!(closest("RunsOn", KEYS), Some("runs-on"));
        assert_eq!(closest("timeout_minute", KEYS), Some("timeout-minutes"));
    }

    #[test]
    fn another_name_finds_nothing() {
        assert_eq!(closest("environment", KEYS), None);
        assert_eq!(closest("x", KEYS), None);
        assert_eq!(closest("", KEYS), None);
        assert_eq!(closest("steps", []), None);
    }

    #[test]
    fn the_nearest_and_then_the_first_wins() {
        assert_eq!(closest("steps", ["stops", "steps"]), Some("steps"));
        assert_eq!(closest("cat", ["bat", "rat"]), Some("bat"));
    }
}
