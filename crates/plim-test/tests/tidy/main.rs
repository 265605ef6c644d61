//! Holds the repository to what its documents promise: layers, paths, sentences, pins and completeness.
//!
//! Each check is a plain function from files to complaints, and each has a test that shows it complain.

mod actions;
mod layers;
mod paths;
mod semantics;
mod sources;
mod tracked;

/// Fails with all complaints, one in a line.
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaints\n{}", complaints.len(), complaints.join("\n"));
}
