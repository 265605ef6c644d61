//! Which contexts and functions an expression may name where it stands.

use std::sync::{Arc, LazyLock};

use crate::function::{BuiltIn, Function};

/// The functions that ask how the steps or jobs before went; a condition without them means `success() && …`.
pub const STATUS_FUNCTIONS: [&str; 4] = ["always", "cancelled", "failure", "success"];

/// The contexts and extension functions that are allowed at some place of a workflow.
///
/// The functions of the language itself ([`BuiltIn`]) are always allowed.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// `None`: any context may be named.
    contexts: Option<Vec<Arc<str>>>,
    functions: Vec<Signature>,
}

#[derive(Clone, Debug)]
struct Signature {
    name: Arc<str>,
    minimum: usize,
    maximum: usize,
}

impl Names {
    /// Any context, the status functions and `hashFiles`: what can be allowed somewhere.
    ///
    /// `success` and `failure` take arguments because they may in the condition of a job.
    pub fn any() -> &'static Self {
        static ANY: LazyLock<Names> = LazyLock::new(|| {
            Names { contexts: None, functions: Vec::new() }
                .function("always", 0, 0)
                .function("cancelled", 0, 0)
                .function("failure", 0, usize::MAX)
                .function("success", 0, usize::MAX)
                .function("hashFiles", 1, 255)
        });
        &ANY
    }

    /// These contexts, and no extension function.
    pub fn contexts<T: AsRef<str>>(contexts: impl IntoIterator<Item = T>) -> Self {
        let contexts = contexts.into_iter().map(|name| Arc::from(name.as_ref())).collect();
        Names { contexts: Some(contexts), functions: Vec::new() }
    }

    /// The names that a `context` list of GitHub's workflow schema allows.
    ///
    /// Each item is a context (`github`) or a function with its arity (`hashFiles(1,255)`,
    /// `success(0,MAX)`).
    pub fn from_schema<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Self {
        let mut names = Names { contexts: Some(Vec::new()), functions: Vec::new() };
        for item in items {
            match schema_function(item.as_ref()) {
                Some(signature) => names.functions.push(signature),
                None => names.contexts.get_or_insert_default().push(item.as_ref().into()),
            }
        }
        names
    }

    /// These names and the function `name`, which takes `minimum` to `maximum` arguments.
    #[must_use]
    pub fn function(mut self, name: &str, minimum: usize, maximum: usize) -> Self {
        self.functions.retain(|known| !known.name.eq_ignore_ascii_case(name));
        self.functions.push(Signature { name: name.into(), minimum, maximum });
        self
    }

    /// These names and the status functions without arguments, where they are not there already.
    #[must_use]
    pub fn with_status_functions(mut self) -> Self {
        for name in STATUS_FUNCTIONS {
            if self.signature(name).is_none() {
                self = self.function(name, 0, 0);
            }
        }
        self
    }

    /// Whether the context `name` may be read.
    pub fn allows_context(&self, name: &str) -> bool {
        let allowed = |names: &Vec<Arc<str>>| names.iter().any(|n| n.eq_ignore_ascii_case(name));
        self.contexts.as_ref().is_none_or(allowed)
    }

    /// Whether the function `name` may be called.
    pub fn allows_function(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The contexts that may be read, or `None` for any.
    pub fn allowed_contexts(&self) -> Option<impl Iterator<Item = &str>> {
        self.contexts.as_ref().map(|names| names.iter().map(|name| &**name))
    }

    /// The functions that may be called besides [`BuiltIn::ALL`].
    pub fn allowed_functions(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().map(|signature| &*signature.name)
    }

    /// The function of that name with its least and greatest number of arguments.
    pub(crate) fn find(&self, name: &str) -> Option<(Function, (usize, usize))> {
        if let Some(function) = BuiltIn::named(name) {
            return Some((Function::BuiltIn(function), function.arity()));
        }
        let signature = self.signature(name)?;
        let arity = (signature.minimum, signature.maximum);
        Some((Function::Extension(Arc::clone(&signature.name)), arity))
    }

    fn signature(&self, name: &str) -> Option<&Signature> {
        self.functions.iter().find(|signature| signature.name.eq_ignore_ascii_case(name))
    }
}

fn schema_function(item: &str) -> Option<Signature> {
    let (name, rest) = item.split_once('(')?;
    let (minimum, maximum) = rest.strip_suffix(')')?.split_once(',')?;
    let maximum = if maximum == "MAX" { usize::MAX } else { maximum.parse().ok()? };
    Some(Signature { name: name.into(), minimum: minimum.parse().ok()?, maximum })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_list_names_contexts_and_functions() {
        let names = Names::from_schema(["github", "success(0,MAX)", "hashFiles(1,255)"]);
        assert!(names.allows_context("GitHub"));
        assert!(!names.allows_context("secrets"));
        assert!(names.allows_function("hashfiles"));
        assert!(names.allows_function("toJson"));
        assert!(!names.allows_function("always"));
        assert!(names.with_status_functions().allows_function("always"));
    }
}
