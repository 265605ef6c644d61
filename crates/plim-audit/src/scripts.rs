//! The bodies of `run`, with the shell that runs each.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Deref;
use std::rc::Rc;

use plim_diag::Span;
use plim_workflow::script::{Command, Invoked, Refusal, Script as Reading};
use plim_workflow::yaml::{NodeRef, Tree};
use plim_workflow::{Defaults, Run, StepBody, Text};

use crate::labels::{self, LabelAt};
use crate::{JobAt, StepAt};

/// The body of a `run`; whoever holds a copy shares what was read of it.
#[derive(Clone, Debug)]
pub struct Script<'a>(Rc<ScriptBody<'a>>);

/// What a [`Script`] says.
#[derive(Debug)]
pub struct ScriptBody<'a> {
    /// The step it is of.
    pub step: StepAt<'a>,
    /// The keys of that step.
    pub run: &'a Run,
    /// Its decoded text, in which each expression with its braces is blanked out by `_` of equal length.
    pub text: Cow<'a, str>,
    /// The shell that runs it.
    pub shell: Shell,
    tree: &'a Tree,
    reading: OnceCell<Reading>,
    programs: OnceCell<Vec<Invoked>>,
}

impl<'a> Deref for Script<'a> {
    type Target = ScriptBody<'a>;

    fn deref(&self) -> &ScriptBody<'a> {
        &self.0
    }
}

/// The body of a `run` that bash or `sh` runs.
#[derive(Clone, Debug)]
pub struct ShellAt<'a> {
    /// The script.
    pub script: Script<'a>,
}

impl<'a> ShellAt<'a> {
    pub(crate) fn read(script: &Script<'a>) -> Option<Self> {
        script.shell.is_posix().then(|| Self { script: script.clone() })
    }

    /// Its commands, as far as they were understood; places in them count in its text.
    pub fn commands(&self) -> impl DoubleEndedIterator<Item = &Command> + Clone {
        self.script.reading().understood()
    }

    /// Why bash refuses it.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.script.reading().refusal.as_ref()
    }

    /// Where the bytes of `part` stand in the file.
    #[must_use]
    pub fn place(&self, part: Span) -> Span {
        self.script.place(part)
    }

    /// Whether the body is a block scalar, in which bytes can be added without a thought for quotes of YAML.
    #[must_use]
    pub fn is_block(&self, source: &str) -> bool {
        let written = self.script.run.script.span.text(source).unwrap_or("");
        written.starts_with(['|', '>'])
    }

    /// Whether the shell ends at the first failure, and nothing in the script changes that.
    #[must_use]
    pub fn ends_at_failure(&self) -> bool {
        let options = self.script.run.shell.as_ref().and_then(|shell| shell.template.is_literal());
        let own = options.is_some_and(|options| options.contains("{0}") && !options.contains("-e"));
        !own && !self.script.text.contains("set +")
    }
}

/// The shell of a script.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Shell {
    /// `bash`, with the options of the runner.
    Bash {
        /// Whether a failure in a pipe counts: only where `shell: bash` is written out.
        pipefail: bool,
    },
    /// `sh`.
    Sh,
    /// `pwsh` or `powershell`.
    PowerShell,
    /// `cmd`.
    Cmd,
    /// `python`.
    Python,
    /// `node`, or a line that names a program of its own.
    Other,
    /// It depends on the machine or on an expression.
    Unknown,
}

impl Shell {
    /// Whether the script is read as a shell of the Bourne family reads it.
    #[must_use]
    pub fn is_posix(self) -> bool {
        matches!(self, Self::Bash { .. } | Self::Sh)
    }

    /// The shell that `shell: NAME` asks for.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let mut words = name.split_whitespace();
        let program = words.next().unwrap_or("");
        match program.rsplit('/').next().unwrap_or("") {
            "bash" if words.next().is_none() => Self::Bash { pipefail: true },
            "bash" => Self::Bash { pipefail: name.contains("pipefail") },
            "sh" => Self::Sh,
            "pwsh" | "powershell" => Self::PowerShell,
            "cmd" => Self::Cmd,
            "python" | "python3" => Self::Python,
            _ => Self::Other,
        }
    }
}

impl ScriptBody<'_> {
    /// Its commands, whatever its language; places in them count in `text`.
    #[must_use]
    pub fn reading(&self) -> &Reading {
        self.reading.get_or_init(|| Reading::read(&self.text))
    }

    /// The programs that it starts, in the order they are written.
    #[must_use]
    pub fn programs(&self) -> &[Invoked] {
        self.programs.get_or_init(|| self.reading().programs())
    }

    /// Where the bytes of `part`, which counts in `text`, stand in the file.
    #[must_use]
    pub fn place(&self, part: Span) -> Span {
        match node_at(self.tree, self.run.script.span) {
            Some(node) => node.source_span(part),
            None => self.run.script.span,
        }
    }
}

/// The scripts among `steps`.
pub(crate) fn scripts<'a>(steps: &[StepAt<'a>], tree: &'a Tree) -> Vec<Script<'a>> {
    let scripts = steps.iter().filter_map(|&step| match &step.step.body {
        StepBody::Run(run) => Some(Script(Rc::new(ScriptBody {
            step,
            run,
            text: blanked(&run.script, tree),
            shell: shell(step, run),
            tree,
            reading: OnceCell::new(),
            programs: OnceCell::new(),
        }))),
        _ => None,
    });
    scripts.collect()
}

/// The decoded text with `_` in place of expressions.
pub(crate) fn blanked<'a>(script: &'a Text, tree: &Tree) -> Cow<'a, str> {
    if let Some(literal) = script.template.is_literal().filter(|_| script.expressions.is_empty()) {
        return Cow::Borrowed(literal);
    }
    let text = node_at(tree, script.span).and_then(NodeRef::scalar_text).unwrap_or_default();
    let mut blanked = String::with_capacity(text.len());
    let mut from = 0;
    for (_, range) in script.template.expressions() {
        let open = text.get(..range.start).and_then(|before| before.rfind("${{"));
        let close = text.get(range.end..).and_then(|after| after.find("}}"));
        let (Some(open), Some(close)) = (open, close.map(|at| range.end + at + 2)) else {
            continue;
        };
        blanked.push_str(text.get(from..open).unwrap_or(""));
        blanked.extend(std::iter::repeat_n('_', close - open));
        from = close;
    }
    blanked.push_str(text.get(from..).unwrap_or(""));
    Cow::Owned(blanked)
}

/// The scalar that stands at `span`.
pub(crate) fn node_at(tree: &Tree, span: Span) -> Option<NodeRef<'_>> {
    let mut node = tree.root()?;
    while !node.is_scalar() {
        let mut children = node.entries().map(|entry| entry.value);
        let found = children.find(|child| child.span().encloses(span));
        node = found.or_else(|| node.items().find(|child| child.span().encloses(span)))?;
    }
    (node.span() == span).then_some(node)
}

fn shell<'a>(step: StepAt<'a>, run: &'a Run) -> Shell {
    let written = run.shell.as_ref().or_else(|| {
        let job = step.job?;
        let of = |defaults: &'a Defaults| defaults.shell.as_ref();
        of(&job.job.defaults).or_else(|| of(&job.workflow.defaults))
    });
    match (written, step.job) {
        (Some(shell), job) => match (shell.template.is_literal(), job) {
            (Some(name), _) => Shell::named(name),
            (None, Some(job)) => {
                let names = labels::values(job, shell);
                of_legs(names.iter().map(|label| Shell::named(label.name)).collect(), step)
            }
            (None, None) => Shell::Unknown,
        },
        (None, Some(job)) => usual(job, step),
        (None, None) => Shell::Unknown,
    }
}

/// The shell of a step that names none, by the machine.
fn usual(job: JobAt<'_>, step: StepAt<'_>) -> Shell {
    let Some(machine) = job.machine() else { return Shell::Unknown };
    if machine.container.is_some() {
        return Shell::Sh;
    }
    let sets = labels::label_sets(job);
    of_legs(sets.iter().map(|set| of_labels(set)).collect(), step)
}

fn of_labels(labels: &[LabelAt<'_>]) -> Shell {
    match labels {
        [label] if label.name.starts_with("windows") => Shell::PowerShell,
        [label] if label.name.starts_with("ubuntu") || label.name.starts_with("macos") => {
            Shell::Bash { pipefail: false }
        }
        _ => Shell::Unknown,
    }
}

/// The shell of a step that runs in several legs: what bash reads in one of them must be bash, unless a condition may
/// keep the step from that leg.
fn of_legs(shells: Vec<Shell>, step: StepAt<'_>) -> Shell {
    let Some(&first) = shells.first() else { return Shell::Unknown };
    if shells.iter().all(|shell| *shell == first) {
        return first;
    }
    let everywhere =
        step.step.condition.is_none() && step.job.is_none_or(|job| job.job.condition.is_none());
    let all_posix = shells.iter().all(|shell| shell.is_posix());
    let posix = shells.into_iter().find(|shell| shell.is_posix());
    posix.filter(|_| everywhere || all_posix).unwrap_or(Shell::Unknown)
}

#[cfg(test)]
mod tests {
    use crate::rule;
    use crate::testing::check;

    #[test]
    fn the_shell_may_come_from_the_matrix() {
        check(
            rule("shell-syntax").unwrap(),
            "
            jobs:
              a:
                strategy: { matrix: { os: [ubuntu-latest, windows-latest], shell: [bash, sh] } }
                runs-on: ${{ matrix.os }}
                defaults: { run: { shell: '${{ matrix.shell }}' } }
                steps:
                  - run: for x in a; do b; fi
                  #                        ^^ `fi` stands where `done` is missing
              b:
                strategy: { matrix: { os: [ubuntu-latest, windows-latest] } }
                runs-on: ${{ matrix.os }}
                steps:
                  - run: for x in a; do b; fi
                  #                        ^^ `fi` stands where `done` is missing
                  - run: for x in a; do b; fi
                    if: runner.os == 'Windows'
            ",
        );
    }
}
