//! A map that keeps the order of insertion and, but for the `env` context, ignores the case of its keys.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::Value;
use crate::case;

/// From this many entries on, keys are found through an index.
const INDEXED_FROM: usize = 12;

/// An insertion-ordered map with case-insensitive keys, unless it is asked to tell them apart; the first spelling of a
/// key is kept.
#[derive(Clone, Default)]
pub struct Object {
    entries: Vec<(Arc<str>, Value)>,
    /// The place of each folded key, once there are [`INDEXED_FROM`] of them.
    places: HashMap<Box<str>, usize>,
    tells_case: bool,
}

impl Object {
    /// An object without entries.
    pub fn new() -> Self {
        Object::default()
    }

    /// An object whose keys differ by case: what the runner holds the `env` context in, where variables do
    /// (`CaseSensitiveDictionaryContextData`).
    pub fn case_sensitive() -> Self {
        Object { tells_case: true, ..Object::default() }
    }

    /// The value of `key`, in whatever case it is written.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.place(key).map(|place| &self.entries[place].1)
    }

    /// Whether there is an entry for `key`.
    pub fn contains(&self, key: &str) -> bool {
        self.place(key).is_some()
    }

    /// Sets the value of `key` and returns the one it had; the key keeps its place and spelling.
    pub fn insert(&mut self, key: impl Into<Arc<str>>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        if let Some(place) = self.place(&key) {
            return Some(std::mem::replace(&mut self.entries[place].1, value));
        }
        self.entries.push((key, value));
        self.index_last();
        None
    }

    /// Takes the entry of `key` out and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let place = self.place(key)?;
        let (_, value) = self.entries.remove(place);
        self.places.clear();
        if self.entries.len() >= INDEXED_FROM {
            self.index_all();
        }
        Some(value)
    }

    /// The entries in the order of their insertion.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Value)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn place(&self, key: &str) -> Option<usize> {
        if self.places.is_empty() {
            let is = |known: &str| known == key || !self.tells_case && case::equal(known, key);
            return self.entries.iter().position(|(known, _)| is(known));
        }
        self.places.get(&*self.folded(key)).copied()
    }

    /// What `key` is found by.
    fn folded<'k>(&self, key: &'k str) -> Cow<'k, str> {
        if self.tells_case { Cow::Borrowed(key) } else { case::folded(key) }
    }

    fn index_last(&mut self) {
        let last = self.entries.len() - 1;
        if self.places.is_empty() {
            if self.entries.len() >= INDEXED_FROM {
                self.index_all();
            }
        } else {
            let folded = self.folded(&self.entries[last].0).into();
            self.places.insert(folded, last);
        }
    }

    fn index_all(&mut self) {
        let folded =
            |(place, (key, _)): (usize, &(Arc<str>, Value))| (self.folded(key).into(), place);
        self.places = self.entries.iter().enumerate().map(folded).collect();
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Into<Arc<str>>, V: Into<Value>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut object = Object::new();
        object.extend(entries);
        object
    }
}

impl<K: Into<Arc<str>>, V: Into<Value>> Extend<(K, V)> for Object {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(count: u32) -> Object {
        (0..count).map(|i| (format!("Key{i}"), f64::from(i))).collect()
    }

    #[test]
    fn keys_are_found_in_any_case_and_keep_their_first_spelling() {
        for count in [3, 300] {
            let mut object = numbered(count);
            assert!(object.insert("kEY1", "new").is_some());
            assert_eq!(object.len(), count as usize);
            assert_eq!(object.iter().nth(1).map(|(key, _)| &**key), Some("Key1"));
            assert_eq!(&*object.get("key1").unwrap().to_text(), "new");
        }
    }

    #[test]
    fn keys_differ_by_case_where_that_is_asked_for() {
        for count in [3, 300] {
            let mut object = Object::case_sensitive();
            object.extend(
                numbered(count).iter().map(|(key, value)| (Arc::clone(key), value.clone())),
            );
            assert!(object.insert("kEY1", "new").is_none() && object.len() == count as usize + 1);
            assert_eq!(&*object.get("Key1").unwrap().to_text(), "1");
            assert_eq!(&*object.get("kEY1").unwrap().to_text(), "new");
            assert!(!object.contains("key1"));
        }
    }

    #[test]
    fn removal_keeps_the_order_and_the_index() {
        for count in [3, 12, 13, 300] {
            let mut object = numbered(count);
            assert!(object.remove("KEY1").is_some());
            assert!(!object.contains("Key1"));
            assert_eq!(&*object.get("key2").unwrap().to_text(), "2");
            assert_eq!(
                object.iter().map(|(key, _)| &**key).take(2).collect::<Vec<_>>(),
                ["Key0", "Key2"]
            );
        }
    }
}
