//! YAML as a tree in which every node knows its bytes.
//!
//! [`Tree::parse`] never fails. It keeps what it understood, says in [`Diagnostic`](plim_diag::Diagnostic)s what it
//! did not, and marks a file with a syntax error as *partly read*, so that nobody concludes anything from what is
//! absent there. Nothing in this module knows what a workflow is.
//!
//! What counts as YAML is what GitHub's runner accepts (`YamlObjectReader` over YamlDotNet in `actions/runner`):
//! scalars of the YAML 1.2 core schema, the five core scalar tags, anchors and aliases without merge keys, one document.
//! The events come from `granit-parser`, which no other module may name. It is stricter than GitHub in two places and
//! marks some spans loosely; `recovery` and `spans` mend that.

mod arena;
mod build;
mod bytes;
mod fold;
mod keys;
mod limits;
mod node;
mod recovery;
mod scalar;
mod spans;
mod syntax;
mod tree;

pub use arena::{NodeId, Style};
pub use limits::Limits;
pub use node::{Entry, NodeKind, NodeRef};
pub use tree::{Comment, Tree};
