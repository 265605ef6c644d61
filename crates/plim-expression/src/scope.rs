//! What an expression can see while it is evaluated.

use crate::{Object, Value};

/// The contexts and functions that surround an expression.
pub trait Scope {
    /// The context `name`, which is in lower case; `None` when there is none here.
    fn context(&self, name: &str) -> Option<Value>;

    /// Calls a function beyond those of the language: `success`, `failure`, `always`, `cancelled`,
    /// `hashFiles`, in this spelling. `None` when there is no such function here.
    ///
    /// Errors: why the call failed; it becomes the error of the expression.
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>>;
}

/// An object is a scope of contexts without any function.
impl Scope for Object {
    fn context(&self, name: &str) -> Option<Value> {
        self.get(name).cloned()
    }

    fn call(&self, _name: &str, _arguments: &[Value]) -> Option<Result<Value, String>> {
        None
    }
}
