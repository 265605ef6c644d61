//! Bounds what evaluating an expression may cost, counting as the runner counts.

use crate::Value;

/// The bytes that the values of one evaluation may take in a workflow: 10 MiB, the runner's `MaxResultSize`.
pub const MAX_MEMORY: usize = 10 * 1024 * 1024;

/// How many times the limit all values may take together, so that no evaluation goes on for long.
const TURNOVER: usize = 32;

/// What the runner takes a text to cost before its first character.
const TEXT: usize = 26;
/// What the runner takes any other value to cost.
const REFERENCE: usize = 24;

/// The evaluation needs more than it may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Exhausted;

/// What is left to one function for building its result.
pub(crate) struct Budget {
    left: usize,
}

impl Budget {
    /// A budget of `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Budget { left: limit }
    }

    /// Pays for `text` as a part of the result.
    pub(crate) fn take(&mut self, text: &str) -> Result<(), Exhausted> {
        self.left = self.left.checked_sub(text_cost(text)).ok_or(Exhausted)?;
        Ok(())
    }
}

/// What the values of one evaluation take, by their depth in the tree.
///
/// Once a node has its value, and that is no array or object, those below it are given back.
pub(crate) struct Memory {
    limit: usize,
    by_depth: Vec<usize>,
    total: usize,
    /// What all values took so far, also those given back.
    spent: usize,
}

impl Memory {
    /// Room for `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Memory { limit, by_depth: Vec::new(), total: 0, spent: 0 }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Pays for `value`, the result of a node at `depth`.
    pub(crate) fn hold(&mut self, value: &Value, depth: usize) -> Result<(), Exhausted> {
        if value.is_primitive() {
            self.total -=
                self.by_depth.drain((depth + 1).min(self.by_depth.len())..).sum::<usize>();
        }
        let cost = match value {
            Value::String(text) => text_cost(text),
            Value::Array(items) => REFERENCE + items.len() * size_of::<usize>(),
            _ => REFERENCE,
        };
        if self.by_depth.len() <= depth {
            self.by_depth.resize(depth + 1, 0);
        }
        self.by_depth[depth] += cost;
        self.total += cost;
        self.spent += cost;
        let exhausted = self.total > self.limit || self.spent > self.limit.saturating_mul(TURNOVER);
        if exhausted { Err(Exhausted) } else { Ok(()) }
    }
}

fn text_cost(text: &str) -> usize {
    TEXT + 2 * if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_text_gives_back_what_its_parts_took() {
        let mut memory = Memory::new(MAX_MEMORY);
        let megabytes = Value::from("x".repeat(2 * 1024 * 1024));
        for _ in 0..10 {
            memory.hold(&megabytes, 1).unwrap();
            memory.hold(&Value::Null, 0).unwrap();
        }
        for _ in 0..2 {
            memory.hold(&megabytes, 1).unwrap();
        }
        assert_eq!(memory.hold(&megabytes, 1), Err(Exhausted));
    }
}
