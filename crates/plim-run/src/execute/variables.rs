//! Environment variables in the order in which they were set.

use plim_expression::{Object, Value};

/// Names and values; names differ by case, as on Linux.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variables(Vec<(String, String)>);

impl Variables {
    /// Sets `name`; one that is set already keeps its place.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, place)) => *place = value.into(),
            None => self.0.push((name.to_owned(), value.into())),
        }
    }

    /// Sets everything that `others` sets.
    pub(crate) fn extend(&mut self, others: &Variables) {
        for (name, value) in others.iter() {
            self.set(name, value);
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The `env` context, whose names differ by case too.
    pub(crate) fn to_value(&self) -> Value {
        let mut object = Object::case_sensitive();
        for (name, value) in self.iter() {
            object.insert(name, value);
        }
        Value::Object(object.into())
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Variables {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(pairs: T) -> Self {
        let mut variables = Self::default();
        for (name, value) in pairs {
            variables.set(name.as_ref(), value.as_ref());
        }
        variables
    }
}
