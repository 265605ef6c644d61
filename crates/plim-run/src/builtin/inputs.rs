//! Reads the inputs of a built-in action as the toolkit's `core.getInput` and its kin do.

use std::{collections::BTreeMap, path::Path};

use plim_host::HostError;

use serde_json::Value;

use super::{Asked, Builtin, Failure, Input, Invocation, Judge, Support};
use crate::{
    bounds::{Bounds, OutOfBounds},
    glob::{GlobError, NamePatternError, trim},
    store::{ArchiveError, ArtifactError, CacheError, KeyError},
};

/// An input that an action refuses, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The input.
    pub input: &'static str,
    /// The reason, as a clause: `there is no network`.
    pub reason: String,
}

impl Builtin {
    /// An action that does nothing, for the parts that a real one leaves out.
    pub(super) const PLAIN: Self = Self {
        name: "",
        inputs: &[],
        outputs: &[],
        main: |_| Ok(()),
        post: None,
        post_condition: "always()",
        wants: None,
        obstacle: None,
        left_out: None,
    };

    /// The action of this name: `owner/repo[/path]`, in any case.
    pub fn find(name: &str) -> Option<&'static Self> {
        super::ACTIONS.iter().copied().find(|action| action.name.eq_ignore_ascii_case(name))
    }

    /// The first input that is refused because of its value. `inputs` have their names in any case;
    /// those that are missing or empty have their default.
    pub fn refusal(&self, inputs: &BTreeMap<String, String>, github: &Value) -> Option<Refusal> {
        self.inputs.iter().find_map(|input| {
            let given = inputs.iter().find(|(name, _)| name.eq_ignore_ascii_case(input.name))?;
            let value = trim(given.1);
            let is_default = value.is_empty() || value.eq_ignore_ascii_case(input.default);
            let reason = match input.support {
                _ if is_default => None,
                Support::Refused(reason) => Some(reason.to_owned()),
                Support::Judged(judge) => judge(value, github),
                Support::Implemented | Support::NoEffect(_) => None,
            };
            reason.map(|reason| Refusal { input: input.name, reason })
        })
    }

    /// What every action does first: warns of inputs that it does not know, and fails for those that
    /// it refuses.
    pub(super) fn begin(&self, cx: &mut Invocation<'_>) -> Result<(), Failure> {
        let known =
            |name: &str| self.inputs.iter().any(|input| input.name.eq_ignore_ascii_case(name));
        let unknown: Vec<String> =
            cx.inputs.keys().filter(|name| !known(name)).map(|name| format!("'{name}'")).collect();
        if !unknown.is_empty() {
            let valid: Vec<String> =
                self.inputs.iter().map(|input| format!("'{}'", input.name)).collect();
            let (unknown, valid) = (unknown.join(", "), valid.join(", "));
            cx.log.warning(&format!("Unexpected input(s) {unknown}, valid inputs are [{valid}]"));
        }
        let Some(refusal) = self.refusal(cx.inputs, cx.github) else { return Ok(()) };
        Err(Failure::new(format!(
            "`{}` refuses the input `{}`: {}",
            self.name, refusal.input, refusal.reason
        ))
        .advise(format!("remove `{}`, or let this job run elsewhere", refusal.input)))
    }
}

impl<'a> Asked<'a> {
    /// An input without the blanks around it: empty when it is missing, `None` when it is not known yet.
    pub(super) fn input(&self, name: &str) -> Option<&'a str> {
        let inputs = self.inputs;
        let named = inputs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map_or(Some(""), |(_, value)| value.as_deref().map(trim))
    }
}

impl Input {
    /// An input of which a value other than the default is refused, and why, as a clause.
    pub(super) const fn refused(
        name: &'static str,
        default: &'static str,
        why: &'static str,
    ) -> Self {
        Self { name, default, support: Support::Refused(why) }
    }

    /// An input that does what it does in the real action.
    pub(super) const fn implemented(name: &'static str, default: &'static str) -> Self {
        Self { name, default, support: Support::Implemented }
    }

    /// An input that does what it does in the real action, but for values that `judge` refuses.
    pub(super) const fn judged(name: &'static str, default: &'static str, judge: Judge) -> Self {
        Self { name, default, support: Support::Judged(judge) }
    }

    /// An input that cannot change anything here, and why, as a clause.
    pub(super) const fn no_effect(
        name: &'static str,
        default: &'static str,
        why: &'static str,
    ) -> Self {
        Self { name, default, support: Support::NoEffect(why) }
    }
}

impl<'a> Invocation<'a> {
    /// An input without the blanks around it; empty when it is missing.
    pub(super) fn input(&self, name: &str) -> &'a str {
        let mut named = self.inputs.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next().map_or("", |(_, value)| trim(value))
    }

    /// An input that must not be empty.
    pub(super) fn required(&self, name: &str) -> Result<&'a str, Failure> {
        match self.input(name) {
            "" => Err(Failure::new(format!("Input required and not supplied: {name}"))),
            value => Ok(value),
        }
    }

    /// A boolean of YAML 1.2's core schema; anything else is an error, as in `getBooleanInput`.
    pub(super) fn boolean(&self, name: &str) -> Result<bool, Failure> {
        match self.input(name) {
            "true" | "True" | "TRUE" => Ok(true),
            "false" | "False" | "FALSE" => Ok(false),
            value => {
                Err(Failure::new(format!("the input `{name}` is `{value}`, which is no boolean"))
                    .advise(format!("write `{name}: true` or `{name}: false`")))
            }
        }
    }

    /// True for `true` in any case, false for anything else.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.input(name).eq_ignore_ascii_case("true")
    }

    /// The lines of an input that are not empty, without the blanks around them.
    pub(super) fn lines(&self, name: &str) -> Vec<&'a str> {
        self.input(name).split('\n').map(trim).filter(|line| !line.is_empty()).collect()
    }

    /// A whole number as JavaScript's `parseInt` reads it: the digits that the input begins with.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Failure> {
        let text = self.input(name);
        if text.is_empty() {
            return Ok(None);
        }
        parse_int(text).map(Some).ok_or_else(|| Failure::new(format!("Invalid {name}")))
    }

    /// The folder that `~` stands for.
    pub(super) fn tilde(&self) -> &'a Path {
        self.environment.get("HOME").map_or(self.home, |home| Path::new(home))
    }

    /// What the job may read and write.
    pub(super) fn bounds(&self) -> Bounds {
        Bounds::new([self.workspace, self.home, self.temporary, self.tool_cache])
    }

    /// Sets an output.
    pub(super) fn set_output(&mut self, name: &str, value: impl Into<String>) {
        self.outputs.push((name.to_owned(), value.into()));
    }

    /// A text of the `github` context, or of `github.event` with a path such as `event.after`.
    pub(super) fn github(&self, path: &str) -> &'a str {
        github(self.github, path)
    }

    /// The major version that the step asks for, when its reference says one: 4 for `v4.1.2`.
    pub(super) fn major(&self) -> Option<i64> {
        let number = self.reference.strip_prefix('v')?;
        let whole = number
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()));
        if whole { parse_int(number) } else { None }
    }

    /// Fails once the job is being cancelled.
    pub(super) fn check_cancelled(&self) -> Result<(), Failure> {
        if (self.cancelled)() { Err(Failure::new("the operation was cancelled")) } else { Ok(()) }
    }
}

/// A text of the `github` context; empty when it is none.
pub(super) fn github<'a>(github: &'a Value, path: &str) -> &'a str {
    let value = path.split('.').try_fold(github, |value, key| value.get(key));
    value.and_then(Value::as_str).unwrap_or("")
}

/// The whole number that `text` begins with.
pub(super) fn parse_int(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
    let number: i64 = unsigned[..digits].parse().ok()?;
    Some(if text.starts_with('-') { -number } else { number })
}

impl Failure {
    /// A failure without advice.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn advise(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<OutOfBounds> for Failure {
    fn from(error: OutOfBounds) -> Self {
        Self { message: error.to_string(), help: error.help().map(str::to_owned) }
    }
}

impl From<GlobError> for Failure {
    fn from(error: GlobError) -> Self {
        Self { message: error.to_string(), help: error.help().map(str::to_owned) }
    }
}

impl From<NamePatternError> for Failure {
    fn from(error: NamePatternError) -> Self {
        Self::new(error.to_string()).advise("list the artifacts in several steps")
    }
}

impl From<ArtifactError> for Failure {
    fn from(error: ArtifactError) -> Self {
        Self { message: error.to_string(), help: error.help().map(str::to_owned) }
    }
}

impl From<CacheError> for Failure {
    fn from(error: CacheError) -> Self {
        Self { message: error.to_string(), help: error.help().map(str::to_owned) }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::new(error.to_string())
            .advise("shorten the key, or hash what it is made of with `hashFiles`")
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        CacheError::from(error).into()
    }
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        (&error).into()
    }
}

impl From<&HostError> for Failure {
    fn from(error: &HostError) -> Self {
        Self { message: error.to_string(), help: error.help() }
    }
}
