//! The `inputs` of a workflow that a person starts.

use std::fmt;
use std::sync::Arc;

use plim_expression::{Object, Scope, Value};
use plim_workflow::{Asked, EvaluationError, Input, InputError, Trigger};

/// Why a workflow cannot be started with the inputs that were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputsError {
    /// A value is missing or wrong.
    Input(InputError),
    /// A default cannot be evaluated.
    Default {
        /// The input.
        name: Arc<str>,
        /// Why.
        error: EvaluationError,
    },
}

impl fmt::Display for InputsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => fmt::Display::fmt(error, f),
            Self::Default { name, error } => {
                write!(f, "the default of the input `{name}`: {error}")
            }
        }
    }
}

impl std::error::Error for InputsError {}

impl InputsError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Input(InputError::Missing { name }) => {
                Some(format!("give it a value with `--input {name}=VALUE`"))
            }
            Self::Input(error) => Some(error.help()),
            Self::Default { .. } => None,
        }
    }
}

/// The `inputs` context of a workflow that a person starts with `given`; booleans and numbers keep their type.
///
/// Errors: every [`InputsError`].
pub fn dispatch_inputs(
    trigger: &Trigger,
    given: &[(String, Value)],
    scope: &dyn Scope,
) -> Result<Object, InputsError> {
    let mut inputs = Object::new();
    for input in &trigger.inputs {
        let name = &input.name.value;
        let value = given.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name));
        let default = default(input, scope)?;
        let value = input
            .accept(Asked::ByPerson, value.map(|(_, value)| value), default.as_ref())
            .map_err(InputsError::Input)?;
        inputs.insert(Arc::clone(name), value);
    }
    Ok(inputs)
}

/// The evaluated `default:` of an input.
///
/// Errors: [`InputsError::Default`].
pub(crate) fn default(input: &Input, scope: &dyn Scope) -> Result<Option<Value>, InputsError> {
    let evaluated = input.default.as_ref().map(|token| token.evaluate(scope)).transpose();
    evaluated.map_err(|error| InputsError::Default { name: Arc::clone(&input.name.value), error })
}
