//! An input accepts what a caller gives it, as a value of its type.

use std::fmt;
use std::sync::Arc;

use plim_expression::Value;

use crate::{Input, InputKind};

/// Where an input is declared, which decides how strictly a value is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `workflow_dispatch`: a person types a text, and types are read from it.
    ByPerson,
    /// `workflow_call`: a workflow gives a typed value.
    ByWorkflow,
}

/// Why an input does not accept a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputError {
    /// It is required, and nothing was given.
    Missing {
        /// The input's name.
        name: Arc<str>,
    },
    /// The value has another type.
    Type {
        /// The input's name.
        name: Arc<str>,
        /// What it accepts: `a boolean` and so on.
        wanted: &'static str,
        /// What was given.
        got: String,
    },
    /// The value is none of the options.
    Option {
        /// The input's name.
        name: Arc<str>,
        /// What was given.
        got: String,
        /// The options.
        options: Vec<Arc<str>>,
    },
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { name } => {
                write!(f, "the input `{name}` is required, and nothing is given for it")
            }
            Self::Type { name, wanted, got } => {
                write!(f, "the input `{name}` takes {wanted}, not {got}")
            }
            Self::Option { name, got, .. } => {
                write!(f, "the input `{name}` does not have the option `{got}`")
            }
        }
    }
}

impl std::error::Error for InputError {}

impl InputError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Missing { name } => format!("give `{name}` a value"),
            Self::Type { wanted, .. } => format!("give {wanted}"),
            Self::Option { options, .. } => {
                let options: Vec<String> =
                    options.iter().map(|option| format!("`{option}`")).collect();
                format!("give one of {}", options.join(", "))
            }
        }
    }
}

impl Input {
    /// The value of this input when `given` is handed over.
    ///
    /// With nothing given it is `default` (the evaluated `default:`), else the empty value of the type: ``, `false`, `0`.
    /// A boolean stays a boolean.
    /// Errors: every [`InputError`].
    pub fn accept(
        &self,
        asked: Asked,
        given: Option<&Value>,
        default: Option<&Value>,
    ) -> Result<Value, InputError> {
        match given.or(default) {
            Some(value) => self.convert(asked, value),
            None if self.required => {
                Err(InputError::Missing { name: Arc::clone(&self.name.value) })
            }
            None => Ok(self.kind.empty()),
        }
    }

    fn convert(&self, asked: Asked, value: &Value) -> Result<Value, InputError> {
        let read = match (asked, value) {
            (Asked::ByPerson, Value::String(text)) => self.kind.read(text),
            _ => Some(value.clone()),
        };
        let fits = read.filter(|value| self.kind.holds(value)).map(|value| self.kind.normal(value));
        let value = fits.ok_or_else(|| self.wrong_type(value))?;
        self.check_option(value)
    }

    fn check_option(&self, value: Value) -> Result<Value, InputError> {
        let InputKind::Choice(options) = &self.kind else { return Ok(value) };
        let text = value.to_text();
        if options.iter().any(|option| option.value == text) {
            return Ok(value);
        }
        Err(InputError::Option {
            name: Arc::clone(&self.name.value),
            got: text.to_string(),
            options: options.iter().map(|option| Arc::clone(&option.value)).collect(),
        })
    }

    fn wrong_type(&self, value: &Value) -> InputError {
        let got = match value {
            Value::String(text) => format!("`{text}`"),
            Value::Boolean(_) | Value::Number(_) => format!("`{}`", value.to_text()),
            other => crate::matrix::named(other).to_owned(),
        };
        InputError::Type { name: Arc::clone(&self.name.value), wanted: self.kind.article(), got }
    }
}

impl InputKind {
    /// The word of `type:`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Choice(_) => "choice",
            Self::Environment => "environment",
        }
    }

    /// The value of an input that nobody gave and that has no default.
    #[must_use]
    pub fn empty(&self) -> Value {
        match self {
            Self::Boolean => Value::Boolean(false),
            Self::Number => Value::Number(0.0),
            Self::String | Self::Choice(_) | Self::Environment => Value::empty(),
        }
    }

    fn article(&self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Choice(_) => "one of its options",
            Self::Environment => "the name of an environment",
        }
    }

    /// A typed text as a value; `None` when it does not read so.
    fn read(&self, text: &Arc<str>) -> Option<Value> {
        match (self, text.trim()) {
            (Self::Boolean, "true") => Some(Value::Boolean(true)),
            (Self::Boolean, "false") => Some(Value::Boolean(false)),
            (Self::Boolean, _) => None,
            (Self::Number, "") => None,
            (Self::Number, text) => Some(Value::from(text).to_number())
                .filter(|number| !number.is_nan())
                .map(Value::Number),
            _ => Some(Value::String(Arc::clone(text))),
        }
    }

    /// Whether a value has this type; a text may be written as any scalar.
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Boolean => matches!(value, Value::Boolean(_)),
            Self::Number => matches!(value, Value::Number(_)),
            Self::String | Self::Choice(_) | Self::Environment => value.is_primitive(),
        }
    }

    fn normal(&self, value: Value) -> Value {
        match self {
            Self::Boolean | Self::Number => value,
            Self::String | Self::Choice(_) | Self::Environment => Value::String(value.to_text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plim_diag::{Span, Spanned};

    fn input(kind: InputKind, required: bool) -> Input {
        let name = Spanned::new("level".into(), Span::default());
        Input { name, kind, required, default: None, description: None }
    }

    fn choice() -> InputKind {
        InputKind::Choice(
            ["info", "debug"].map(|o| Spanned::new(o.into(), Span::default())).to_vec(),
        )
    }

    fn typed(kind: InputKind, text: &str) -> Result<serde_json::Value, String> {
        let given = Value::from(text);
        let accepted = input(kind, false).accept(Asked::ByPerson, Some(&given), None);
        accepted.map(|value| value.to_json()).map_err(|error| error.to_string())
    }

    fn called(kind: InputKind, given: Value) -> Result<serde_json::Value, String> {
        let accepted = input(kind, false).accept(Asked::ByWorkflow, Some(&given), None);
        accepted.map(|value| value.to_json()).map_err(|error| error.to_string())
    }

    #[test]
    fn semantic_37_what_a_person_types_becomes_a_value_of_the_type() {
        assert_eq!(typed(InputKind::Boolean, "true"), Ok(true.into()));
        assert_eq!(typed(InputKind::Number, "12"), Ok(12.into()));
        assert_eq!(typed(InputKind::String, "true"), Ok("true".into()));
        assert_eq!(typed(choice(), "debug"), Ok("debug".into()));
        let error = "the input `level` takes a boolean, not `yes`";
        assert_eq!(typed(InputKind::Boolean, "yes"), Err(error.to_owned()));
        let error = "the input `level` takes a number, not `x`";
        assert_eq!(typed(InputKind::Number, "x"), Err(error.to_owned()));
        let error = "the input `level` does not have the option `trace`";
        assert_eq!(typed(choice(), "trace"), Err(error.to_owned()));
    }

    #[test]
    fn semantic_36_a_workflow_gives_typed_values() {
        assert_eq!(called(InputKind::Boolean, true.into()), Ok(true.into()));
        assert_eq!(called(InputKind::String, 456.0.into()), Ok("456".into()));
        assert_eq!(called(InputKind::String, Value::Null), Ok("".into()));
        let error = "the input `level` takes a boolean, not `true`";
        assert_eq!(called(InputKind::Boolean, "true".into()), Err(error.to_owned()));
        let error = "the input `level` takes a string, not a sequence";
        assert_eq!(called(InputKind::String, Value::from(vec![])), Err(error.to_owned()));
    }

    #[test]
    fn nothing_given_is_the_default_the_empty_value_or_an_error() {
        let accept = |input: Input, default: Option<Value>| {
            input.accept(Asked::ByPerson, None, default.as_ref()).map(|value| value.to_json())
        };
        assert_eq!(accept(input(InputKind::Boolean, false), None), Ok(false.into()));
        assert_eq!(accept(input(InputKind::Number, false), None), Ok(0.into()));
        assert_eq!(accept(input(choice(), false), None), Ok("".into()));
        assert_eq!(accept(input(choice(), true), Some("info".into())), Ok("info".into()));
        let error = accept(input(InputKind::String, true), None).unwrap_err();
        assert_eq!(error.to_string(), "the input `level` is required, and nothing is given for it");
    }
}
