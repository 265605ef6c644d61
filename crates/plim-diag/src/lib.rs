//! Says what is wrong, where, and what to do about it.
//!
//! A [`Diagnostic`] carries a stable [`Code`], a message, the [`Place`] it speaks of, related places and advice.
//! Nothing here renders: the binary keeps the [`Sources`] and draws, an editor asks the [`LineIndex`].
//!
//! ```
//! use plim_diag::{Code, Diagnostic, Span};
//!
//! let diagnostic = Diagnostic::error(Code("unknown-key"), "`step` is not a key of a job")
//!     .at(".github/workflows/ci.yml", Span::new(40, 44))
//!     .help("write `steps`");
//! assert_eq!(diagnostic.to_string(), "error[unknown-key]: `step` is not a key of a job");
//! ```

mod closest;
mod diagnostic;
mod excerpt;
mod line_index;
mod sources;
mod span;

pub use closest::closest;
pub use diagnostic::{Code, Diagnostic, Place, Related, Severity};
pub use excerpt::excerpt;
pub use line_index::{EditorPosition, LineIndex, Position};
pub use sources::{Source, Sources};
pub use span::{Span, Spanned};
