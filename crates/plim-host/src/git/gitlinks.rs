//! Finds the submodules that a commit has.

use std::path::PathBuf;

use super::{Git, path_of, split_zero};
use crate::error::HostError;

impl Git {
    /// The paths at which `commit` has submodules, and the commit that each is at.
    ///
    /// Errors: those of running git.
    pub fn gitlinks(&self, commit: &str) -> Result<Vec<(PathBuf, String)>, HostError> {
        let list = ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit];
        Ok(parse(&self.tool(&list)?.succeed()?))
    }
}

/// Reads entries `MODE KIND NAME`, a tab, and the path.
fn parse(output: &[u8]) -> Vec<(PathBuf, String)> {
    let link = |entry: &[u8]| {
        let rest = entry.strip_prefix(b"160000 commit ")?;
        let tab = rest.iter().position(|byte| *byte == b'\t')?;
        let id = String::from_utf8(rest[..tab].to_vec()).ok()?;
        Some((path_of(&rest[tab + 1..]), id))
    };
    split_zero(output).filter_map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_links_are_listed() {
        let output = b"100644 blob 1\ta\x00160000 commit 2\tlib/b c\0";
        assert_eq!(parse(output), [(PathBuf::from("lib/b c"), "2".to_owned())]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn any_output_is_read(output: Vec<u8>) {
            parse(&output);
        }
    }
}
