//! Code actions: fixes of findings, and comments that ignore them.

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextEdit, WorkspaceEdit,
};
use plim_audit::{Edit, Finding, Safety, mend};
use plim_diag::Span;

use super::{
    diagnostics::Translator,
    documents::Document,
    positions::{Encoding, Lined},
    workspace::Judged,
};

/// The kind of the action that makes all safe fixes of a document.
pub(super) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.plim");

/// What can be done where the editor asks.
pub(super) struct Actions<'s> {
    pub(super) document: &'s Document,
    pub(super) judged: &'s Judged,
    pub(super) translator: Translator<'s>,
    pub(super) encoding: Encoding,
    /// Whether the editor takes edits that name the version they are for.
    pub(super) versioned: bool,
}

impl Actions<'_> {
    /// The actions for `params`: what mends findings there, then what ignores them, then what mends all.
    pub(super) fn all(&self, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
        let wanted = |kind: &CodeActionKind| match &params.context.only {
            None => true,
            Some(only) => only.iter().any(|wanted| is_kind(kind, wanted)),
        };
        let findings = self.judged.findings();
        let lined = Lined::new(&self.document.text, self.encoding);
        let span = lined.span(params.range);
        let mut actions = Vec::new();
        if wanted(&CodeActionKind::QUICKFIX) {
            let here: Vec<&Finding> =
                findings.iter().filter(|one| touch(one.span(), span)).collect();
            actions.extend(here.iter().filter_map(|finding| self.fix(finding, &lined)));
            actions.extend(here.iter().filter_map(|finding| self.ignore(finding, &lined)));
        }
        if wanted(&FIX_ALL) {
            actions.extend(self.fix_all(&findings, &lined));
        }
        actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()
    }

    /// Mends one finding; nothing where that would leave a file that reads worse.
    fn fix(&self, finding: &Finding, lined: &Lined<'_>) -> Option<CodeAction> {
        let fix = finding.fix.as_ref()?;
        let alone = std::slice::from_ref(finding);
        let made = mend(&self.judged.subject, alone, fix.safety);
        if made.mended == 0 {
            return None;
        }
        let title = match fix.safety {
            Safety::Safe => fix.title.clone(),
            Safety::Unsafe => format!("{} (unsafe: look at what else it changes)", fix.title),
        };
        let mut action = self.quick(title, finding, &made.edits, lined);
        action.is_preferred = Some(fix.safety == Safety::Safe);
        Some(action)
    }

    /// Mends all that has one right answer.
    fn fix_all(&self, findings: &[Finding], lined: &Lined<'_>) -> Option<CodeAction> {
        let made = mend(&self.judged.subject, findings, Safety::Safe);
        (made.mended > 0).then(|| CodeAction {
            title: "mend all findings that have one right answer".to_owned(),
            kind: Some(FIX_ALL),
            edit: Some(self.edit(&made.edits, lined)),
            ..CodeAction::default()
        })
    }

    /// Adds a comment that ignores `finding` once its reason is written; nothing where no comment can stand.
    fn ignore(&self, finding: &Finding, lined: &Lined<'_>) -> Option<CodeAction> {
        let code = finding.diagnostic.code.0;
        let comment = |reason: &str| format!("# plim: ignore[{code}] because {reason}");
        let works = |place: &dyn Fn(String) -> Option<Edit>| {
            let edit = place(comment("of a reason"))?;
            self.is_ignored(finding, &edit).then(|| place(comment("…")))?
        };
        let edit = works(&|comment| self.above(finding, comment, lined))
            .or_else(|| works(&|comment| self.behind(finding, comment, lined)))?;
        let title = format!("ignore `{code}` here, for a reason that you write");
        Some(self.quick(title, finding, &[edit], lined))
    }

    /// Whether `edit` makes `finding` go, and nothing else come.
    fn is_ignored(&self, finding: &Finding, edit: &Edit) -> bool {
        let mut text = self.document.text.to_string();
        text.replace_range(edit.span.range(), &edit.replacement);
        let alike = |findings: &[Finding]| {
            let code = finding.diagnostic.code;
            findings.iter().filter(|other| other.diagnostic.code == code).count()
        };
        let (before, after) = (self.judged.findings(), self.judged.findings_in(&text));
        after.len() < before.len() && alike(&after) < alike(&before)
    }

    /// `comment` on a line of its own, above the one where `finding` begins.
    fn above(&self, finding: &Finding, comment: String, lined: &Lined<'_>) -> Option<Edit> {
        let line = lined.lines().line_of(finding.span().start);
        let span = lined.lines().line_span(line)?;
        let text = span.text(&self.document.text)?;
        let indent = &text[..text.len() - text.trim_start_matches([' ', '\t']).len()];
        let end = if self.document.text.contains("\r\n") { "\r\n" } else { "\n" };
        Some(Edit::insert(span.start, format!("{indent}{comment}{end}")))
    }

    /// `comment` at the end of the line where `finding` begins.
    fn behind(&self, finding: &Finding, comment: String, lined: &Lined<'_>) -> Option<Edit> {
        let line = lined.lines().line_of(finding.span().start);
        Some(Edit::insert(lined.lines().line_span(line)?.end, format!(" {comment}")))
    }

    fn quick(
        &self,
        title: String,
        finding: &Finding,
        edits: &[Edit],
        lined: &Lined<'_>,
    ) -> CodeAction {
        CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![self.translator.one(finding, lined)]),
            edit: Some(self.edit(edits, lined)),
            ..CodeAction::default()
        }
    }

    fn edit(&self, edits: &[Edit], lined: &Lined<'_>) -> WorkspaceEdit {
        let change = |edit: &Edit| TextEdit::new(lined.range(edit.span), edit.replacement.clone());
        let edits: Vec<TextEdit> = edits.iter().map(change).collect();
        let uri = self.document.uri.clone();
        if !self.versioned {
            #[expect(clippy::mutable_key_type, reason = "the protocol has addresses as keys")]
            let changes = [(uri, edits)].into();
            return WorkspaceEdit::new(changes);
        }
        let version = Some(self.document.version);
        let edits = edits.into_iter().map(OneOf::Left).collect();
        let text_document = OptionalVersionedTextDocumentIdentifier { uri, version };
        let changes = DocumentChanges::Edits(vec![TextDocumentEdit { text_document, edits }]);
        WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() }
    }
}

/// Whether `kind` is `wanted` or below it: `source.fixAll.plim` is a `source.fixAll` and a `source`.
fn is_kind(kind: &CodeActionKind, wanted: &CodeActionKind) -> bool {
    let rest = kind.as_str().strip_prefix(wanted.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || wanted.as_str().is_empty())
}

fn touch(one: Span, other: Span) -> bool {
    one.start <= other.end && other.start <= one.end
}
