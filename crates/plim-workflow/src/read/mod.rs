//! Reads a tree as a workflow or an action, and says what GitHub would refuse.
//!
//! Each part is read on its own: what is wrong in one becomes a diagnostic and leaves the others as they are. After a
//! syntax error of YAML itself nothing is concluded from what is absent.

mod action;
mod expression;
mod job;
mod machine;
mod mapping;
mod needs;
mod permissions;
mod scalar;
mod step;
mod token;
mod trigger;
mod weight;
mod workflow;

use std::sync::Arc;

use plim_diag::{Code, Diagnostic, Place, Severity, Span};

use crate::yaml::{NodeRef, Tree};
use crate::{Action, Forge, Workflow};

pub(crate) use weight::weight_of_text;

/// What was read from a file.
#[derive(Clone, Debug)]
pub struct Read<T> {
    /// What was understood.
    pub value: T,
    /// What was wrong, in the order of the file; those of YAML itself included.
    pub diagnostics: Vec<Diagnostic>,
    /// The file itself.
    pub tree: Tree,
}

impl<T> Read<T> {
    /// Whether something is wrong that GitHub would refuse.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

impl Workflow {
    /// Reads the text of a workflow file; `path` is relative to the repository's root and tells the forge.
    #[must_use]
    pub fn read(path: &str, source: &str) -> Read<Self> {
        Self::read_tree(Tree::parse(path, source))
    }

    /// Reads the bytes of a workflow file: UTF-8, or UTF-16 with a byte order mark.
    #[must_use]
    pub fn read_bytes(path: &str, bytes: &[u8]) -> Read<Self> {
        Self::read_tree(Tree::parse_bytes(path, bytes))
    }

    /// Reads a tree as a workflow.
    #[must_use]
    pub fn read_tree(tree: Tree) -> Read<Self> {
        let forge = Forge::of_path(tree.path());
        Self::read_tree_for(tree, forge)
    }

    /// Reads a tree as a workflow of `forge`, whatever its path says.
    #[must_use]
    pub fn read_tree_for(tree: Tree, forge: Forge) -> Read<Self> {
        let mut reader = Reader::new(&tree, forge);
        let value = reader.workflow(tree.root());
        Read { value, diagnostics: reader.finish(&tree), tree }
    }
}

impl Action {
    /// Reads the text of an `action.yml`.
    #[must_use]
    pub fn read(path: &str, source: &str) -> Read<Self> {
        Self::read_tree(Tree::parse(path, source))
    }

    /// Reads the bytes of an `action.yml`: UTF-8, or UTF-16 with a byte order mark.
    #[must_use]
    pub fn read_bytes(path: &str, bytes: &[u8]) -> Read<Self> {
        Self::read_tree(Tree::parse_bytes(path, bytes))
    }

    /// Reads a tree as an action.
    #[must_use]
    pub fn read_tree(tree: Tree) -> Read<Self> {
        let forge = Forge::of_path(tree.path());
        Self::read_tree_for(tree, forge)
    }

    /// Reads a tree as an action of `forge`, whatever its path says.
    #[must_use]
    pub fn read_tree_for(tree: Tree, forge: Forge) -> Read<Self> {
        let mut reader = Reader::new(&tree, forge);
        let value = reader.action(tree.root());
        Read { value, diagnostics: reader.finish(&tree), tree }
    }
}

/// What reading needs to know and what it found out.
struct Reader {
    path: Arc<str>,
    forge: Forge,
    partly_read: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn new(tree: &Tree, forge: Forge) -> Self {
        let path = Arc::clone(tree.path());
        Self { path, forge, partly_read: tree.partly_read(), diagnostics: Vec::new() }
    }

    /// All diagnostics in the order of the file; what an anchor is read for twice is said once.
    fn finish(self, tree: &Tree) -> Vec<Diagnostic> {
        let mut all = tree.diagnostics().to_vec();
        all.extend(self.diagnostics);
        all.sort_by_key(Diagnostic::span);
        all.dedup();
        all
    }

    fn report(&mut self, diagnostic: Diagnostic, span: Span) {
        self.diagnostics.push(diagnostic.at(Arc::clone(&self.path), span));
    }

    fn has_errors_since(&self, before: usize) -> bool {
        self.diagnostics.iter().skip(before).any(Diagnostic::is_error)
    }

    fn error(
        &mut self,
        span: Span,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(Diagnostic::error(code, message).help(help), span);
    }

    fn warning(
        &mut self,
        span: Span,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(Diagnostic::warning(code, message).help(help), span);
    }

    /// What other forges tolerate is an error on GitHub and a note there.
    fn dialect(
        &mut self,
        span: Span,
        code: Code,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let severity = if self.forge == Forge::GitHub { Severity::Error } else { Severity::Note };
        self.report(Diagnostic::new(severity, code, message).maybe_help(help), span);
    }

    /// An error about something that is not there, unless part of the file is unread.
    fn absent(
        &mut self,
        span: Span,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if !self.partly_read {
            self.error(span, code, message, help);
        }
    }

    /// `node` should have been `wanted`.
    fn mistyped(&mut self, node: NodeRef<'_>, key: &str, wanted: &str) {
        // An alias that leads nowhere has been reported.
        if node.is_unread() {
            return;
        }
        if node.as_str().is_some_and(has_expression) {
            let message = format!("`{key}` cannot be an expression");
            self.error(
                node.written_span(),
                codes::EXPRESSION_NOT_ALLOWED,
                message,
                format!("write {wanted}"),
            );
            return;
        }
        let got = node.kind().describe();
        let message = format!("`{key}` must be {wanted}, not {got}");
        self.error(node.written_span(), codes::WRONG_TYPE, message, format!("write {wanted}"));
    }

    fn place(&self, span: Span) -> Place {
        Place::new(Arc::clone(&self.path), span)
    }
}

/// Whether `text` may hold an expression.
fn has_expression(text: &str) -> bool {
    // Most texts have no `$`, and one byte is found faster than three.
    text.as_bytes().contains(&b'$') && text.contains("${{")
}

/// The first bytes of a node: all of a scalar, and of a collection what stands on its first line.
fn head(node: NodeRef<'_>) -> Span {
    let span = node.written_span();
    let raw = span.text(node.tree().source()).unwrap_or("");
    let line = raw.find(['\n', '\r']).unwrap_or(raw.len());
    Span::new(span.start, span.start + u32::try_from(raw[..line].trim_end().len()).unwrap_or(0))
}

/// The codes of diagnostics, one name for each kind of mistake.
mod codes {
    use plim_diag::Code;

    pub(super) const CONFLICTING_KEYS: Code = Code("conflicting-keys");
    pub(super) const CONTEXT_NOT_ALLOWED: Code = Code("context-not-allowed");
    pub(super) const DUPLICATE_ID: Code = Code("duplicate-id");
    pub(super) const EMPTY_VALUE: Code = Code("empty-value");
    pub(super) const EXPRESSION_NOT_ALLOWED: Code = Code("expression-not-allowed");
    pub(super) const EXPRESSION_SYNTAX: Code = Code("expression-syntax");
    pub(super) const FREQUENT_CRON: Code = Code("frequent-cron");
    pub(super) const FUNCTION_NOT_ALLOWED: Code = Code("function-not-allowed");
    pub(super) const INVALID_ACTION: Code = Code("invalid-action-reference");
    pub(super) const INVALID_CALL: Code = Code("invalid-workflow-reference");
    pub(super) const INVALID_CRON: Code = Code("invalid-cron");
    pub(super) const INVALID_ID: Code = Code("invalid-id");
    pub(super) const INVALID_INPUT: Code = Code("invalid-input");
    pub(super) const INVALID_MATRIX: Code = Code("invalid-matrix");
    pub(super) const INVALID_PATTERN: Code = Code("invalid-pattern");
    pub(super) const INVALID_VALUE: Code = Code("invalid-value");
    pub(super) const MISSING_KEY: Code = Code("missing-key");
    pub(super) const MISSING_STEPS: Code = Code("missing-steps");
    pub(super) const NEEDS_CYCLE: Code = Code("needs-cycle");
    pub(super) const NO_FIRST_JOB: Code = Code("no-first-job");
    pub(super) const UNKNOWN_CONTEXT: Code = Code("unknown-context");
    pub(super) const UNKNOWN_EVENT: Code = Code("unknown-event");
    pub(super) const UNKNOWN_KEY: Code = Code("unknown-key");
    pub(super) const UNKNOWN_NEED: Code = Code("unknown-need");
    pub(super) const UNKNOWN_PERMISSION: Code = Code("unknown-permission");
    pub(super) const UNKNOWN_STEP: Code = Code("unknown-step");
    pub(super) const UNKNOWN_TIMEZONE: Code = Code("unknown-timezone");
    pub(super) const WRONG_TYPE: Code = Code("wrong-type");
}
