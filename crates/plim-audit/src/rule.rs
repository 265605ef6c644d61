//! A rule says what is wrong, why it matters, and where to look for it.

use plim_diag::{Code, Severity};
use plim_workflow::yaml::Tree;
use plim_workflow::{Action, Workflow};

use crate::{Audit, ExpressionAt, JobAt, MistakeAt, Script, ShellAt, StepAt, TextAt, UseAt};

/// One kind of defect.
///
/// The page of the catalogue and `plim explain` are made of these texts, and a test holds `example` and `better`
/// against the rule itself.
#[derive(Debug)]
pub struct Rule {
    /// Its stable name, in kebab-case.
    pub code: Code,
    /// What it finds, in a few words that follow the code in a list.
    pub summary: &'static str,
    /// Why it matters: what happens to someone who does not mend it.
    pub why: &'static str,
    /// What exactly is reported, and what is not.
    pub criterion: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// The smallest file in which it is found, or the `steps`, `jobs` or `runs` of one.
    pub example: &'static str,
    /// The same file mended.
    pub better: &'static str,
    /// How much it weighs: an error is what the forge rejects or what provably cannot work.
    pub severity: Severity,
    /// Who is shown it.
    pub tier: Tier,
    /// Where it looks. Empty where the reader of the language itself finds it.
    pub hooks: &'static [Hook],
}

/// Who is shown a rule's findings; each also sees those of the tiers before it.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Tier {
    /// Everyone.
    #[default]
    Default,
    /// Those who want to hear of what is usually, not always, a defect.
    Pedantic,
    /// Those who ask for it.
    OptIn,
}

impl Tier {
    /// All tiers, the smallest audience last.
    pub const ALL: [Self; 3] = [Self::Default, Self::Pedantic, Self::OptIn];

    /// Its name: `default`, `pedantic` or `opt-in`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Pedantic => "pedantic",
            Self::OptIn => "opt-in",
        }
    }

    /// The tier of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == name)
    }
}

/// Which parts of a file a rule is shown, each in the order of the file.
#[derive(Copy, Clone, Debug)]
pub enum Hook {
    /// Each workflow.
    Workflow(for<'a> fn(&mut Audit<'a>, &'a Workflow)),
    /// Each `action.yml`.
    Action(for<'a> fn(&mut Audit<'a>, &'a Action)),
    /// Each job of a workflow.
    Job(for<'a> fn(&mut Audit<'a>, JobAt<'a>)),
    /// Each step of a job or of a composite action, those inside `parallel` included.
    Step(for<'a> fn(&mut Audit<'a>, StepAt<'a>)),
    /// Each use of an action, with what is known of it.
    Use(for<'a> fn(&mut Audit<'a>, &UseAt<'a>)),
    /// Each text that holds expressions, conditions included.
    Text(for<'a> fn(&mut Audit<'a>, TextAt<'a>)),
    /// Each expression, those of conditions without `${{ }}` included.
    Expression(for<'a> fn(&mut Audit<'a>, ExpressionAt<'a>)),
    /// Each mistake that the types of an expression show.
    Mistake(for<'a> fn(&mut Audit<'a>, &MistakeAt<'a>)),
    /// Each body of a `run`.
    Script(for<'a> fn(&mut Audit<'a>, &Script<'a>)),
    /// Each body of a `run` that bash or `sh` surely runs, as it was read.
    Shell(for<'a> fn(&mut Audit<'a>, &ShellAt<'a>)),
    /// Each `dependabot.yml`.
    Dependabot(for<'a> fn(&mut Audit<'a>, &'a Tree)),
    /// Each `.pre-commit-config.yaml`.
    PreCommit(for<'a> fn(&mut Audit<'a>, &'a Tree)),
}

impl Rule {
    /// Whether the reader of the language finds it, so that it has no hooks.
    #[must_use]
    pub const fn is_of_the_reader(&self) -> bool {
        self.hooks.is_empty()
    }
}
