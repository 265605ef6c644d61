//! Reads what a commit holds, without a working tree.

use std::path::PathBuf;

use super::{Git, path_of, split_zero};
use crate::error::HostError;

/// Something that a commit holds at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Where, relative to the top folder.
    pub path: PathBuf,
    /// The name of the object.
    pub id: String,
    /// What it is.
    pub kind: HeldKind,
}

/// What a commit can hold at a path.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum HeldKind {
    /// A file that may not be executed.
    File,
    /// A file that may be executed.
    Executable,
    /// A symbolic link; its object is where it points.
    Link,
    /// Another repository; its object is none of this one.
    Submodule,
}

impl Git {
    /// Everything that `commit` holds, in the order of git.
    ///
    /// Errors: those of running git, also when there is no such commit.
    pub fn contents(&self, commit: &str) -> Result<Vec<Held>, HostError> {
        let list = ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit];
        let output = self.tool(&list)?.succeed()?;
        let held: Option<Vec<Held>> = split_zero(&output).map(parse_held).collect();
        held.ok_or_else(|| unexpected("git ls-tree", &output))
    }

    /// The bytes of the objects called `ids`, in their order.
    ///
    /// Errors: those of running git, and [`HostError::Unexpected`] where an object is missing, as in a clone without
    /// all objects.
    pub fn blobs(&self, ids: &[&str]) -> Result<Vec<Vec<u8>>, HostError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut input = ids.join("\n");
        input.push('\n');
        let output = self.tool(&["cat-file", "--batch"])?.input(input).succeed()?;
        parse_blobs(&output, ids.len()).ok_or_else(|| unexpected("git cat-file", &output))
    }
}

/// Reads `MODE TYPE NAME<tab>PATH`.
fn parse_held(entry: &[u8]) -> Option<Held> {
    let tab = entry.iter().position(|byte| *byte == b'\t')?;
    let mut words = std::str::from_utf8(&entry[..tab]).ok()?.split(' ');
    let (mode, _, id) = (words.next()?, words.next()?, words.next()?);
    let kind = match mode {
        "100755" => HeldKind::Executable,
        "120000" => HeldKind::Link,
        "160000" => HeldKind::Submodule,
        _ => HeldKind::File,
    };
    Some(Held { path: path_of(&entry[tab + 1..]), id: id.to_owned(), kind })
}

/// Reads `count` answers, each `NAME blob SIZE`, the bytes, a line feed; none where one is anything else.
fn parse_blobs(mut output: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    let mut blobs = Vec::with_capacity(count);
    for _ in 0..count {
        let end = output.iter().position(|byte| *byte == b'\n')?;
        let mut words = std::str::from_utf8(&output[..end]).ok()?.split(' ');
        let (_, kind, size) = (words.next()?, words.next()?, words.next()?);
        if kind != "blob" {
            return None;
        }
        let (blob, rest) = output[end + 1..].split_at_checked(size.parse().ok()?)?;
        blobs.push(blob.to_owned());
        output = rest.strip_prefix(b"\n")?;
    }
    Some(blobs)
}

fn unexpected(asked: &str, answer: &[u8]) -> HostError {
    let answer = String::from_utf8_lossy(answer).chars().take(200).collect();
    HostError::Unexpected { asked: format!("`{asked}`"), answer }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_missing_object_is_never_an_empty_file() {
        assert_eq!(
            parse_blobs(b"a blob 2\nx\n\nb blob 0\n\n", 2),
            Some(vec![b"x\n".to_vec(), vec![]])
        );
        assert_eq!(parse_blobs(b"a missing\n", 1), None);
        assert_eq!(parse_blobs(b"a blob 9\nx\n", 1), None);
    }

    #[test]
    fn an_entry_says_what_it_is() {
        let kind = |mode: &str| {
            let entry = format!("{mode} blob abc\tsome folder/a\tb");
            let held = parse_held(entry.as_bytes()).unwrap();
            assert_eq!(held.path, PathBuf::from("some folder/a\tb"));
            held.kind
        };
        assert_eq!(kind("100644"), HeldKind::File);
        assert_eq!(kind("100755"), HeldKind::Executable);
        assert_eq!(kind("120000"), HeldKind::Link);
        assert_eq!(kind("160000"), HeldKind::Submodule);
        assert_eq!(parse_held(b"100644 blob"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn any_answer_is_read_or_refused(output: Vec<u8>) {
            parse_blobs(&output, 2);
            parse_held(&output);
        }
    }
}
