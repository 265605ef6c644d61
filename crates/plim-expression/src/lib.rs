//! Parses, types and evaluates the expressions inside `${{ }}`.
//!
//! The language is that of GitHub's runner, down to its coercions, its limits and the way it prints
//! numbers. Nothing here reads a file, the clock or the environment: what an expression may see is
//! handed in as a [`Scope`].
//!
//! ```
//! use plim_expression::{Expression, Object, Value};
//!
//! let github: Object = [("ref", "refs/heads/main")].into_iter().collect();
//! let contexts: Object = [("github", Value::from(github))].into_iter().collect();
//! let expression = Expression::parse("endsWith(github.ref, '/MAIN') && 'release'")?;
//! assert_eq!(&*expression.evaluate(&contexts)?.to_text(), "release");
//! # Ok::<(), plim_expression::ExpressionError>(())
//! ```

mod case;
mod compare;
mod condition;
mod error;
mod evaluate;
mod expression;
mod format;
mod function;
mod json;
mod lenient_json;
mod lexer;
mod memory;
mod names;
mod node;
mod number;
mod object;
mod parser;
mod print;
mod scope;
mod template;
pub mod types;
mod value;

pub use condition::Condition;
pub use error::{ErrorKind, ExpressionError, TemplateError};
pub use expression::{Expression, MAX_DEPTH, MAX_LENGTH};
pub use function::{BuiltIn, Function};
pub use memory::MAX_MEMORY;
pub use names::{Names, STATUS_FUNCTIONS};
pub use node::{Comparison, Node, NodeKind};
pub use object::Object;
pub use scope::Scope;
pub use template::{Segment, Template};
pub use value::{Kind, Value};
