//! A use of an action or a workflow of another repository, and the comment behind it.

use plim_diag::Span;
use plim_workflow::{ActionReference, Call, Step, StepBody, Text, Uses};

/// `owner/repository[/path]@reference`, as a step or a job says it.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Remote<'a> {
    /// The owner.
    pub owner: &'a str,
    /// The repository.
    pub repository: &'a str,
    /// The tag, branch or commit.
    pub reference: &'a str,
    /// What stands behind it on its line.
    pub behind: &'a str,
    /// Where all of it stands.
    pub span: Span,
    /// Where the reference stands.
    pub reference_span: Span,
}

impl<'a> Remote<'a> {
    /// What `uses` names, if it is of another repository of the same forge.
    pub(crate) fn of_uses(uses: &'a Uses, source: &'a str) -> Option<Self> {
        let ActionReference::Remote { host: None, owner, repository, reference, .. } =
            &uses.action.value
        else {
            return None;
        };
        Self::new(owner, repository, reference, uses.action.span, source)
    }

    /// What the step uses.
    pub(crate) fn of_step(step: &'a Step, source: &'a str) -> Option<Self> {
        let StepBody::Uses(uses) = &step.body else { return None };
        Self::of_uses(uses, source)
    }

    /// The workflow that a job calls, if it is of another repository.
    pub(crate) fn of_call(call: &'a Call, source: &'a str) -> Option<Self> {
        let text: &str = &call.uses.value;
        if text.starts_with("./") || text.starts_with("$/") || text.contains("://") {
            return None;
        }
        let (name, reference) = text.split_once('@')?;
        let mut parts = name.split('/');
        Self::new(parts.next()?, parts.next()?, reference, call.uses.span, source)
    }

    fn new(
        owner: &'a str,
        repository: &'a str,
        reference: &'a str,
        span: Span,
        source: &'a str,
    ) -> Option<Self> {
        let written = span.text(source)?;
        let at = written.rfind('@')? + 1;
        let start = span.start + u32::try_from(at).ok()?;
        let reference_span = Span::new(start, start + u32::try_from(reference.len()).ok()?);
        let rest = source.get(usize::try_from(span.end).ok()?..)?;
        let behind = rest.split(['\n', '\r']).next().unwrap_or("");
        Some(Self { owner, repository, reference, behind, span, reference_span })
    }

    /// Whether it is of the repository `owner/repository`.
    pub(crate) fn is(&self, name: &str) -> bool {
        name.split_once('/').is_some_and(|(owner, repository)| {
            self.owner.eq_ignore_ascii_case(owner)
                && self.repository.eq_ignore_ascii_case(repository)
        })
    }

    /// `owner/repository` in lower case.
    pub(crate) fn name(&self) -> String {
        let mut name = String::with_capacity(self.owner.len() + 1 + self.repository.len());
        name.extend([self.owner, "/", self.repository]);
        name.make_ascii_lowercase();
        name
    }

    /// Whether it names a commit, which cannot be moved.
    pub(crate) fn is_commit(&self) -> bool {
        let hex = self.reference.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex && [40, 64].contains(&self.reference.len())
    }

    /// The version in the comment behind it, as in `# v4.2.2` and `# tag=v4.2.2`.
    pub(crate) fn version_comment(&self) -> Option<&'a str> {
        version_in(self.behind.split_once('#')?.1)
    }
}

/// The first version in a comment.
pub(crate) fn version_in(comment: &str) -> Option<&str> {
    comment
        .split(|c: char| c.is_whitespace() || c == '=' || c == ',' || c == '@')
        .find(|word| is_version(word))
}

/// Whether `word` reads like a version: `v4`, `4.2.2`, `v1-beta`.
pub(crate) fn is_version(word: &str) -> bool {
    let word = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let number = word.split(['.', '-']).next().unwrap_or("");
    !number.is_empty() && number.len() < 9 && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The input `name` that is given to an action.
pub(crate) fn input<'a>(uses: &'a Uses, name: &str) -> Option<&'a Text> {
    let mut given = uses.with.written().iter();
    given.find(|(key, _)| key.value.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The input `name` that is given to an action, if it is written out.
pub(crate) fn literal<'a>(uses: &'a Uses, name: &str) -> Option<&'a str> {
    input(uses, name)?.template.is_literal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_tells_the_version() {
        for (behind, version) in [
            (" # v4.2.2", Some("v4.2.2")),
            (" # tag=v4", Some("v4")),
            (" # pin@4.1 # why", Some("4.1")),
            (" # ratchet:actions/checkout@v4", Some("v4")),
            (" # main", None),
            ("", None),
        ] {
            let span = Span::default();
            let remote = Remote {
                owner: "a",
                repository: "b",
                reference: "c",
                behind,
                span,
                reference_span: span,
            };
            assert_eq!(remote.version_comment(), version, "{behind}");
        }
    }
}
