//! Reads commits.

use std::fmt;

use super::Git;
use crate::error::HostError;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its name: 40 or 64 hexadecimal digits.
    pub id: String,
    /// The name of its tree.
    pub tree: String,
    /// The names of its parents, as written in it: a shallow repository may lack them.
    pub parents: Vec<String>,
    /// Who wrote it, and when.
    pub author: Person,
    /// Who committed it, and when.
    pub committer: Person,
    /// The whole message, as written.
    pub message: String,
}

/// Who did something to a commit, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Seconds since 1970.
    pub seconds: i64,
    /// Minutes that the person's clock was ahead of UTC.
    pub offset: i32,
}

impl Person {
    /// The time as ISO 8601, such as `2026-01-02T03:04:05+01:00`.
    pub fn date(&self) -> String {
        let local = self.seconds + i64::from(self.offset) * 60;
        let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let sign = if self.offset < 0 { '-' } else { '+' };
        let offset = self.offset.unsigned_abs();
        format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{sign}{:02}:{:02}",
            offset / 60,
            offset % 60
        )
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.email)
    }
}

/// Year, month and day of the Gregorian calendar, `days` after 1970-01-01.
///
/// Counts from 1 March of year 0, so that the leap day ends a year and all months but the last
/// follow a pattern of 153 days in five months.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

impl Git {
    /// Reads the commits that `revisions` (names, branches, tags, `HEAD^`) lead to, in one
    /// process at most; `None` for what leads to no commit.
    ///
    /// Errors: those of running git, and [`HostError::Unexpected`] for a revision with a line feed.
    pub fn commits<T: AsRef<str>>(
        &self,
        revisions: &[T],
    ) -> Result<Vec<Option<Commit>>, HostError> {
        let mut input = String::new();
        for revision in revisions.iter().map(AsRef::as_ref) {
            if revision.contains('\n') {
                let (asked, answer) = ("a revision of git".into(), revision.into());
                return Err(HostError::Unexpected { asked, answer });
            }
            input.push_str(revision);
            input.push_str("^{commit}\n");
        }
        if let Ok(commits) = self.loose_commits(revisions) {
            return Ok(commits);
        }
        let output = self.tool(&["cat-file", "--batch"])?.input(input).succeed()?;
        parse_batch(&output, revisions.len()).ok_or_else(|| HostError::Unexpected {
            asked: "`git cat-file`".into(),
            answer: String::from_utf8_lossy(&output).chars().take(200).collect(),
        })
    }

    /// Reads the commit that `revision` leads to; `None` when there is none.
    ///
    /// Errors: those of [`commits`](Self::commits).
    pub fn commit(&self, revision: &str) -> Result<Option<Commit>, HostError> {
        Ok(self.commits(&[revision])?.pop().flatten())
    }

    /// The name of the commit that `revision` leads to.
    ///
    /// Errors: those of [`commits`](Self::commits).
    pub fn resolve(&self, revision: &str) -> Result<Option<String>, HostError> {
        Ok(self.commit(revision)?.map(|commit| commit.id))
    }
}

/// Reads `count` answers, each `NAME commit SIZE`, the bytes, a line feed; or `… missing`.
fn parse_batch(mut output: &[u8], count: usize) -> Option<Vec<Option<Commit>>> {
    let mut commits = Vec::with_capacity(count);
    for _ in 0..count {
        let end = output.iter().position(|byte| *byte == b'\n')?;
        let line = std::str::from_utf8(&output[..end]).ok();
        output = &output[end + 1..];
        let found = line.and_then(|line| {
            let mut words = line.split(' ');
            let (id, kind, size) = (words.next()?, words.next()?, words.next()?);
            let size = size.parse::<usize>().ok()?;
            (kind == "commit").then_some((id, size))
        });
        let Some((id, size)) = found else {
            commits.push(None);
            continue;
        };
        let (object, rest) = output.split_at_checked(size)?;
        output = rest.strip_prefix(b"\n")?;
        commits.push(Some(parse_commit(id, object)?));
    }
    Some(commits)
}

/// Reads the headers and the message of a commit object.
pub(super) fn parse_commit(id: &str, object: &[u8]) -> Option<Commit> {
    let text = String::from_utf8_lossy(object);
    let (headers, message) = text.split_once("\n\n").unwrap_or((text.trim_end_matches('\n'), ""));
    let mut commit = Commit {
        id: id.to_owned(),
        tree: String::new(),
        parents: Vec::new(),
        author: Person::default(),
        committer: Person::default(),
        message: message.to_owned(),
    };
    for line in headers.lines() {
        match line.split_once(' ') {
            Some(("tree", tree)) => commit.tree = tree.to_owned(),
            Some(("parent", parent)) => commit.parents.push(parent.to_owned()),
            Some(("author", person)) => commit.author = parse_person(person),
            Some(("committer", person)) => commit.committer = parse_person(person),
            // Signatures and their continuation lines, encodings, merged tags.
            _ => {}
        }
    }
    (!commit.tree.is_empty()).then_some(commit)
}

/// Reads `Name <address> SECONDS +HHMM`; broken parts, which old commits have, become empty.
fn parse_person(text: &str) -> Person {
    let (name, rest) = text.split_once('<').unwrap_or((text, ""));
    let (email, time) = rest.rsplit_once('>').unwrap_or((rest, ""));
    let mut time = time.split_whitespace();
    let seconds = time.next().and_then(|seconds| seconds.parse().ok()).unwrap_or_default();
    let zone = time.next().and_then(|zone| zone.parse::<i32>().ok()).unwrap_or_default();
    // Beyond a day it is no time zone, and the date could not be written.
    let offset = (zone / 100 * 60 + zone % 100).clamp(-1439, 1439);
    let limit = 253_402_300_799;
    Person {
        name: name.trim().to_owned(),
        email: email.trim().to_owned(),
        seconds: i64::clamp(seconds, -limit, limit),
        offset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_person_has_a_date_in_its_own_zone() {
        let person = parse_person("Ada B. <ada@x.org> 1767323045 -0530");
        assert_eq!(person.to_string(), "Ada B. <ada@x.org>");
        assert_eq!(person.date(), "2026-01-01T21:34:05-05:30");
        assert_eq!(parse_person("A <a> 951782400 +0000").date(), "2000-02-29T00:00:00+00:00");
        assert_eq!(parse_person("A <a> -1 +0000").date(), "1969-12-31T23:59:59+00:00");
    }

    #[test]
    fn what_is_missing_keeps_its_place() {
        let object = "tree t\nparent p\nparent q\nauthor A <a> 1 +0000\ncommitter B <b> 2 +0000\n\
                      gpgsig -----BEGIN\n tree x\n -----END\n\nsubject\n\nbody\n";
        let output = format!("x missing\nid commit {}\n{object}\n", object.len());
        let commits = parse_batch(output.as_bytes(), 2).unwrap();
        let commit = commits[1].as_ref().unwrap();
        assert_eq!(commits[0], None);
        assert_eq!((commit.tree.as_str(), commit.parents.len()), ("t", 2));
        assert_eq!((commit.message.as_str(), commit.committer.seconds), ("subject\n\nbody\n", 2));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn any_answer_is_read_or_refused(output: Vec<u8>) {
            parse_batch(&output, 3);
        }

        #[test]
        fn any_person_has_a_date(text in "[ -~]{0,20}<[ -~]{0,9}> -?[0-9]{1,18} [+-]?[0-9]{0,9}") {
            parse_person(&text).date();
        }
    }
}
