//! One pattern of a glob: its segments, where its search begins, and what it matches.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use super::{
    GlobError,
    segment::{Segment, literal},
    trim,
};

/// The longest pattern in UTF-16 units, as in minimatch.
pub(super) const LONGEST: usize = 64 * 1024;

/// What kinds of things a pattern names at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    pub(super) const FOLDERS: Self = Self(1);
    pub(super) const ALL: Self = Self(3);

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn folders(self) -> bool {
        self.0 & 1 != 0
    }

    pub(super) fn files(self) -> bool {
        self.0 & 2 != 0
    }
}

#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// What it matches is taken away.
    pub(super) negated: bool,
    /// The literal path before the first segment that is not literal.
    pub(super) search_path: PathBuf,
    /// From the root: the first is empty.
    segments: Vec<Segment>,
    /// It ended in a slash, so it names folders only.
    folders_only: bool,
    /// It ends in `**`, and that may also stand for nothing.
    may_end_early: bool,
}

impl Pattern {
    /// Reads a line that is neither empty nor a comment.
    pub(super) fn new(line: &str, folder: &Path, home: &Path) -> Result<Self, GlobError> {
        let (negated, text) = negation(trim(line));
        let units = text.encode_utf16().count();
        if units > LONGEST {
            return Err(GlobError::TooLong { units });
        }
        let text = squeeze(text);
        if text.is_empty() {
            return Err(GlobError::Empty);
        }
        check_relative(&text)?;
        let (root, rest) = rooted(&text, folder, home);
        Ok(Self::from_parts(negated, root, rest, text.ends_with('/')))
    }

    fn from_parts(negated: bool, root: &Path, rest: &str, folders_only: bool) -> Self {
        let literals = super::parts(root).into_iter().filter(|part| !part.is_empty());
        let mut segments: Vec<Segment> = vec![Segment::Literal(String::new())];
        segments.extend(literals.map(|part| Segment::Literal(part.into_owned())));
        let mut search_path = PathBuf::from("/").join(root);
        let mut searching = true;
        for part in rest.split('/').filter(|part| !part.is_empty()) {
            match literal(part).filter(|_| searching) {
                Some(name) => search_path.push(name),
                None => searching = false,
            }
            push(&mut segments, Segment::new(part));
        }
        if segments.len() == 1 {
            segments.push(Segment::Literal(String::new()));
        }
        let may_end_early = matches!(segments.last(), Some(Segment::AnyDepth));
        Self { negated, search_path, segments, folders_only, may_end_early }
    }

    /// The pattern of everything below what this one names, unless it says so itself.
    pub(super) fn descendants(&self) -> Option<Self> {
        let ends_deep = matches!(self.segments.last(), Some(Segment::AnyDepth));
        if ends_deep && !self.folders_only {
            return None;
        }
        let mut below = self.clone();
        if matches!(below.segments.as_slice(), [_, Segment::Literal(name)] if name.is_empty()) {
            below.segments.pop();
        }
        push(&mut below.segments, Segment::AnyDepth);
        below.folders_only = false;
        below.may_end_early = false;
        Some(below)
    }

    /// What the pattern names at the path of these parts.
    pub(super) fn matches(&self, parts: &[Cow<'_, str>]) -> Kinds {
        match self.matches_parts(parts) {
            false => Kinds::NONE,
            true if self.folders_only => Kinds::FOLDERS,
            true => Kinds::ALL,
        }
    }

    /// True when the pattern may name something below the path of these parts.
    pub(super) fn leads_to(&self, parts: &[Cow<'_, str>]) -> bool {
        if self.negated {
            return false;
        }
        if parts.iter().all(|part| part.is_empty()) {
            return true;
        }
        let head = self.head();
        let reached = parts.iter().zip(head).all(|(part, segment)| segment.matches(part));
        reached && (parts.len() <= head.len() || head.len() < self.segments.len())
    }

    /// The segments before the first `**`.
    fn head(&self) -> &[Segment] {
        let end = self.segments.iter().position(|segment| matches!(segment, Segment::AnyDepth));
        &self.segments[..end.unwrap_or(self.segments.len())]
    }

    fn matches_parts(&self, parts: &[Cow<'_, str>]) -> bool {
        let mut runs = self.segments.split(|segment| matches!(segment, Segment::AnyDepth));
        let head = runs.next().unwrap_or_default();
        let Some(mut rest) = strip_head(parts, head) else { return false };
        let mut runs: Vec<&[Segment]> = runs.collect();
        let Some(tail) = runs.pop() else { return rest.is_empty() };
        if tail.is_empty() {
            return strip_runs(rest, &runs)
                .is_some_and(|left| self.may_end_early || !left.is_empty());
        }
        let Some(split) = rest.len().checked_sub(tail.len()) else { return false };
        let (before, end) = rest.split_at(split);
        rest = before;
        strip_head(end, tail).is_some() && strip_runs(rest, &runs).is_some()
    }
}

/// What is left of `parts` after `run` matched their beginning.
fn strip_head<'p, 't>(parts: &'p [Cow<'t, str>], run: &[Segment]) -> Option<&'p [Cow<'t, str>]> {
    let (head, rest) = parts.split_at_checked(run.len())?;
    head.iter().zip(run).all(|(part, segment)| segment.matches(part)).then_some(rest)
}

/// What is left after each run was found in order. The leftmost place of each is as good as any other,
/// because whatever stands between may be anything: no pattern needs to go back.
fn strip_runs<'p, 't>(
    mut parts: &'p [Cow<'t, str>],
    runs: &[&[Segment]],
) -> Option<&'p [Cow<'t, str>]> {
    for run in runs {
        let places = parts.len().checked_sub(run.len())?;
        parts = (0..=places).find_map(|place| strip_head(&parts[place..], run))?;
    }
    Some(parts)
}

/// Repeated `**` are one.
fn push(segments: &mut Vec<Segment>, segment: Segment) {
    let repeated =
        matches!((segments.last(), &segment), (Some(Segment::AnyDepth), Segment::AnyDepth));
    if !repeated {
        segments.push(segment);
    }
}

fn negation(mut text: &str) -> (bool, &str) {
    let mut negated = false;
    while let Some(rest) = text.strip_prefix('!') {
        negated = !negated;
        text = trim(rest);
    }
    (negated, text)
}

/// Makes one slash of several.
fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '/' || !squeezed.ends_with('/') {
            squeezed.push(c);
        }
    }
    squeezed
}

fn check_relative(text: &str) -> Result<(), GlobError> {
    let body = if text.len() > 1 { text.strip_suffix('/').unwrap_or(text) } else { text };
    let misplaced = body.split('/').enumerate().any(|(i, part)| match literal(part).as_deref() {
        Some("..") => true,
        Some(".") => i > 0,
        _ => false,
    });
    if misplaced { Err(GlobError::Relative { pattern: text.to_owned() }) } else { Ok(()) }
}

/// The folder that a pattern begins at, and what follows it.
fn rooted<'a>(text: &'a str, folder: &'a Path, home: &'a Path) -> (&'a Path, &'a str) {
    for (mark, root) in [(".", folder), ("~", home)] {
        match text.strip_prefix(mark) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => return (root, rest),
            _ => {}
        }
    }
    if text.starts_with('/') { (Path::new("/"), text) } else { (folder, text) }
}
