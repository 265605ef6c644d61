//! The sources are the texts that diagnostics speak of, so that whoever shows one can show its lines.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::{LineIndex, Place, Position};

/// The texts that were read, by path.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    sources: BTreeMap<Arc<str>, Source>,
}

/// One text.
#[derive(Clone, Debug)]
pub struct Source {
    text: Arc<str>,
    lines: OnceLock<LineIndex>,
}

impl Sources {
    /// No texts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps `text` as the file at `path`, in place of what was kept there before.
    pub fn add(&mut self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) {
        self.sources.insert(path.into(), Source { text: text.into(), lines: OnceLock::new() });
    }

    /// The text of the file at `path`, if it was kept.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Source> {
        self.sources.get(path)
    }

    /// Line and column where `place` starts, if its text was kept.
    #[must_use]
    pub fn position(&self, place: &Place) -> Option<Position> {
        let source = self.get(&place.path)?;
        Some(source.lines().position(source.text(), place.span.start))
    }

    /// All paths and texts, ordered by path.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Source)> {
        self.sources.iter()
    }
}

impl Source {
    /// The text, as it was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where its lines are; read when first asked for.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn a_place_becomes_a_position_when_its_text_is_kept() {
        let mut sources = Sources::new();
        sources.add("b.yml", "a: 1\nb: 2\n");
        sources.add("a.yml", String::from("x"));
        let place = Place::new("b.yml", Span::new(5, 6));
        assert_eq!(sources.position(&place), Some(Position { line: 2, column: 1 }));
        assert_eq!(sources.position(&Place::new("c.yml", Span::default())), None);
        let paths: Vec<_> = sources.iter().map(|(path, _)| path.as_ref()).collect();
        assert_eq!(paths, ["a.yml", "b.yml"]);
    }
}
