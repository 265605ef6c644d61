//! Replays the inputs that a fuzz target starts from as an ordinary test.

use std::fs;

use crate::conformance::workspace_root;

/// Gives each seed of the fuzz target `target` to `property`, which panics on what must not be.
///
/// # Panics
///
/// When `fuzz/seeds/TARGET` cannot be read or holds no file.
#[expect(clippy::panic, reason = "this is the body of a test")]
pub fn replay(target: &str, property: impl Fn(&[u8])) {
    let folder = workspace_root().join("fuzz/seeds").join(target);
    let entries = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("cannot list `{}`: {error}", folder.display()));
    let mut count = 0;
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
        let seed = fs::read(&path)
            .unwrap_or_else(|error| panic!("cannot read `{}`: {error}", path.display()));
        property(&seed);
        count += 1;
    }
    assert!(count > 0, "`{}` holds no seed", folder.display());
}
