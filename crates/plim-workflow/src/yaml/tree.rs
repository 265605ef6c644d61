//! The tree of one file: its nodes, its comments, and what was wrong with it.

use std::sync::{Arc, OnceLock};

use plim_diag::{Code, Diagnostic, LineIndex, Place, Span};

use super::arena::{Arena, NodeId};
use super::bytes;
use super::limits::Limits;
use super::node::NodeRef;
use super::recovery::{self, Reading};

/// A file read as YAML.
#[derive(Clone, Debug)]
pub struct Tree {
    path: Arc<str>,
    source: Arc<str>,
    lines: OnceLock<LineIndex>,
    pub(super) arena: Arena,
    diagnostics: Vec<Diagnostic>,
    partly_read: bool,
    skipped: Vec<Span>,
}

/// A comment.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Comment<'t> {
    /// Its bytes, from the `#` to the end of the line.
    pub span: Span,
    /// What follows the `#`.
    pub text: &'t str,
}

impl Tree {
    /// Reads `source`, the text of the file at `path`, within the limits of GitHub. Never fails.
    #[must_use]
    pub fn parse(path: impl Into<Arc<str>>, source: impl Into<Arc<str>>) -> Self {
        Self::parse_within(path, source, &Limits::default())
    }

    /// The same within other limits.
    #[must_use]
    pub fn parse_within(
        path: impl Into<Arc<str>>,
        source: impl Into<Arc<str>>,
        limits: &Limits,
    ) -> Self {
        let (path, source) = (path.into(), source.into());
        let reading = match oversize(&path, &source, limits) {
            Some(refusal) => refused(refusal),
            None => recovery::read(&path, &source, limits),
        };
        Self {
            path,
            source,
            lines: OnceLock::new(),
            arena: reading.pass.arena,
            diagnostics: reading.pass.diagnostics,
            partly_read: reading.pass.partly_read,
            skipped: reading.skipped,
        }
    }

    /// Reads the bytes of the file at `path`: UTF-8, or UTF-16 with a byte order mark.
    ///
    /// Spans speak of [`Tree::source`], which for UTF-16 is the decoded text. Bytes that are not UTF-8 are reported
    /// once and read as `_`.
    #[must_use]
    pub fn parse_bytes(path: impl Into<Arc<str>>, bytes: &[u8]) -> Self {
        Self::parse_bytes_within(path, bytes, &Limits::default())
    }

    /// The same within other limits.
    #[must_use]
    pub fn parse_bytes_within(path: impl Into<Arc<str>>, bytes: &[u8], limits: &Limits) -> Self {
        let decoded = bytes::decode(bytes);
        let mut tree = Self::parse_within(path, decoded.text, limits);
        if let Some(problem) = decoded.problem {
            let span = problem.span().unwrap_or_default();
            tree.diagnostics.insert(0, problem.at(Arc::clone(&tree.path), span));
        }
        tree
    }

    /// The outermost node; none where nothing could be read.
    #[must_use]
    pub fn root(&self) -> Option<NodeRef<'_>> {
        self.arena.root.map(|id| NodeRef::new(self, id))
    }

    /// The node that `id` names; an `id` of another tree gives another node, or panics.
    #[must_use]
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef::new(self, id)
    }

    /// What was wrong, in the order of the file.
    ///
    /// There is at most one syntax error. What stands behind it is not judged, as it may be misread.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether something that is in the file is missing from the tree, so that absence means nothing.
    #[must_use]
    pub fn partly_read(&self) -> bool {
        self.partly_read
    }

    /// The bytes that were left out after a syntax error, to be able to read on.
    #[must_use]
    pub fn skipped(&self) -> &[Span] {
        &self.skipped
    }

    /// The comments, in the order of the file.
    pub fn comments(&self) -> impl ExactSizeIterator<Item = Comment<'_>> + DoubleEndedIterator {
        let text = |span: Span| span.text(&self.source).map_or("", |comment| &comment[1..]);
        self.arena.comments.iter().map(move |&span| Comment { span, text: text(span) })
    }

    /// The text of the file.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text of the file, shared.
    #[must_use]
    pub fn shared_source(&self) -> &Arc<str> {
        &self.source
    }

    /// Where its lines are; read when first asked for.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.source))
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// Bytes of this file.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        Place::new(Arc::clone(&self.path), span)
    }
}

fn oversize(path: &Arc<str>, source: &str, limits: &Limits) -> Option<Diagnostic> {
    let most = limits.characters;
    // A UTF-16 unit takes at least one byte of UTF-8, so most files need no counting.
    if source.len() <= most && u32::try_from(source.len()).is_ok() {
        return None;
    }
    let characters: usize = source.chars().map(char::len_utf16).sum();
    if characters <= most && u32::try_from(source.len()).is_ok() {
        return None;
    }
    let message = format!("the file has {characters} characters, and no more than {most} are read");
    Some(
        Diagnostic::error(Code("yaml-too-large"), message)
            .at(Arc::clone(path), Span::default())
            .help("split the file"),
    )
}

fn refused(refusal: Diagnostic) -> Reading {
    let mut reading = Reading::default();
    reading.pass.diagnostics.push(refusal);
    reading.pass.partly_read = true;
    reading
}
