//! A shape says which properties an object has, and of what type.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Type;

/// Which properties an object has. Names are looked up without regard to case.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Ordered by name, without regard to case.
    properties: Vec<(Arc<str>, Type)>,
    rest: Option<Type>,
}

impl Shape {
    /// These properties and no others.
    pub fn closed<N: Into<Arc<str>>>(properties: impl IntoIterator<Item = (N, Type)>) -> Shape {
        Shape::new(properties, None)
    }

    /// These properties, and any others of type `rest`.
    pub fn open<N: Into<Arc<str>>>(
        properties: impl IntoIterator<Item = (N, Type)>,
        rest: Type,
    ) -> Shape {
        Shape::new(properties, Some(rest))
    }

    fn new<N: Into<Arc<str>>>(
        properties: impl IntoIterator<Item = (N, Type)>,
        rest: Option<Type>,
    ) -> Shape {
        let named = |(name, property): (N, Type)| (name.into(), property);
        let mut properties: Vec<(Arc<str>, Type)> = properties.into_iter().map(named).collect();
        properties.sort_by(|(left, _), (right, _)| order(left, right));
        properties.dedup_by(|(later, property), (name, kept)| {
            let same = later.eq_ignore_ascii_case(name);
            if same {
                *kept = kept.join(property);
            }
            same
        });
        Shape { properties, rest }
    }

    /// The type of the property `name`; `None` when there is no such property.
    pub fn get(&self, name: &str) -> Option<&Type> {
        let found = self.properties.binary_search_by(|(known, _)| order(known, name));
        match found {
            Ok(at) => self.properties.get(at).map(|(_, property)| property),
            Err(_) => self.rest.as_ref(),
        }
    }

    /// Whether it may have properties that are not listed.
    pub fn is_open(&self) -> bool {
        self.rest.is_some()
    }

    /// The names of the listed properties.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.properties.iter().map(|(name, _)| &**name)
    }

    /// The types of all properties, those that are not listed included.
    pub(crate) fn types(&self) -> impl Iterator<Item = &Type> {
        self.properties.iter().map(|(_, property)| property).chain(&self.rest)
    }

    /// The shape of an object that has this shape or `other`.
    #[must_use]
    pub fn join(&self, other: &Shape) -> Shape {
        let both = self.properties.iter().chain(&other.properties).cloned();
        let rest = match (&self.rest, &other.rest) {
            (Some(left), Some(right)) => Some(left.join(right)),
            (rest, None) | (None, rest) => rest.clone(),
        };
        Shape::new(both, rest)
    }
}

fn order(left: &str, right: &str) -> Ordering {
    let right = right.bytes().map(|byte| byte.to_ascii_lowercase());
    left.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(right)
}
