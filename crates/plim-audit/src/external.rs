//! What checkers of other languages say of the scripts in a file, told as findings.
//!
//! This crate starts no program: whoever runs a checker hands it a [`Body`] and brings back [`Remark`]s.

use plim_diag::{Code, Diagnostic, Severity, Span};
use plim_workflow::yaml::Tree;
use plim_workflow::{StepBody, Text};

use crate::scripts::{blanked, node_at, scripts};
use crate::{Finding, Shell, Subject, Tier, steps};

/// A program that judges scripts of one language.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Checker {
    /// `shellcheck`, for bash and `sh`.
    ShellCheck,
    /// The parser of Python.
    Python,
    /// The parser of Node.js.
    Node,
}

impl Checker {
    /// The code of what it finds.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::ShellCheck => Code("shellcheck"),
            Self::Python => Code("python-syntax"),
            Self::Node => Code("javascript-syntax"),
        }
    }
}

/// A script of a file, for a checker.
#[derive(Clone, Debug)]
pub struct Body<'a> {
    /// Who can judge it.
    pub checker: Checker,
    /// What the checker calls its language: `bash`, `sh`, `python`, `node`, or `github-script` for the body of a
    /// function.
    pub language: &'static str,
    /// The script, with `_` in place of each expression.
    pub text: String,
    span: Span,
    tree: &'a Tree,
}

/// What a checker says of a place of a script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// Its own name for what is wrong, such as `SC2086`.
    pub name: Option<String>,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// The scripts of `subject` that some checker can judge.
#[must_use]
pub fn bodies(subject: &Subject) -> Vec<Body<'_>> {
    let (steps, tree) = (steps::steps(subject), subject.tree());
    let mut bodies = Vec::new();
    for script in scripts(&steps, tree) {
        let written = script.run.shell.as_ref().and_then(|shell| shell.template.is_literal());
        let is_node = written.is_some_and(|shell| shell.split(' ').next() == Some("node"));
        let (checker, language) = match script.shell {
            Shell::Bash { .. } => (Checker::ShellCheck, "bash"),
            Shell::Sh => (Checker::ShellCheck, "sh"),
            Shell::Python => (Checker::Python, "python"),
            Shell::Other if is_node => (Checker::Node, "node"),
            _ => continue,
        };
        bodies.push(Body {
            checker,
            language,
            text: script.text.to_string(),
            span: script.run.script.span,
            tree,
        });
    }
    bodies.extend(steps.iter().filter_map(|step| {
        let StepBody::Uses(uses) = &step.step.body else { return None };
        let text = github_script(uses)?;
        let (checker, language) = (Checker::Node, "github-script");
        Some(Body {
            checker,
            language,
            text: blanked(text, tree).into_owned(),
            span: text.span,
            tree,
        })
    }));
    bodies
}

/// The script that `actions/github-script` is given.
fn github_script(uses: &plim_workflow::Uses) -> Option<&Text> {
    let plim_workflow::ActionReference::Remote { owner, repository, .. } = &uses.action.value
    else {
        return None;
    };
    let is_it =
        owner.eq_ignore_ascii_case("actions") && repository.eq_ignore_ascii_case("github-script");
    let mut given = uses.with.written().iter().filter(|_| is_it);
    given.find(|(name, _)| name.value.eq_ignore_ascii_case("script")).map(|(_, text)| text)
}

impl Body<'_> {
    /// What `remark` says, at its place in the file.
    #[must_use]
    pub fn told(&self, remark: &Remark) -> Finding {
        let message = match &remark.name {
            Some(name) => format!("{name}: {}", remark.message),
            None => remark.message.clone(),
        };
        let diagnostic = Diagnostic::new(remark.severity, self.checker.code(), message);
        let diagnostic = diagnostic.at(self.tree.path().clone(), self.place(remark));
        Finding { diagnostic, tier: Tier::Default, fix: None }
    }

    /// From the place of `remark` to the end of the word there.
    fn place(&self, remark: &Remark) -> Span {
        let Some(node) = node_at(self.tree, self.span) else { return self.span };
        let before = self.text.split_inclusive('\n').take(remark.line.saturating_sub(1));
        let line_start: usize = before.map(str::len).sum();
        let rest = self.text.get(line_start..).unwrap_or("");
        let line = rest.lines().next().unwrap_or("");
        let column = remark.column.saturating_sub(1);
        let at = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
        let word = line[at..].find(char::is_whitespace).unwrap_or(line.len() - at);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        node.source_span(Span::new(offset(line_start + at), offset(line_start + at + word)))
    }
}

#[cfg(test)]
mod tests {
    use plim_workflow::Forge;

    use super::*;
    use crate::Kind;

    const TEXT: &str = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          make\n          echo ${{ github.ref }} $x\n      - run: print(1\n        shell: python\n      - uses: actions/github-script@v8\n        with:\n          script: return 1\n";

    #[test]
    fn each_script_has_its_checker() {
        let subject = Subject::read("ci.yml", TEXT.as_bytes(), Kind::Workflow, Forge::GitHub);
        let bodies = bodies(&subject);
        let all: Vec<_> = bodies.iter().map(|body| (body.language, body.text.as_str())).collect();
        assert_eq!(
            all,
            [
                ("bash", "make\necho _________________ $x\n"),
                ("python", "print(1"),
                ("github-script", "return 1")
            ]
        );
    }

    #[test]
    fn a_remark_is_told_at_its_place_in_the_file() {
        let subject = Subject::read("ci.yml", TEXT.as_bytes(), Kind::Workflow, Forge::GitHub);
        let remark = Remark {
            name: Some("SC2086".to_owned()),
            severity: Severity::Note,
            message: "quote this".to_owned(),
            line: 2,
            column: 24,
        };
        let finding = bodies(&subject)[0].told(&remark);
        assert_eq!(finding.span().text(TEXT), Some("$x"));
        assert_eq!(finding.diagnostic.message, "SC2086: quote this");
    }
}
