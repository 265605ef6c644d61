//! `[check]`: which findings a repository wants to see, and what its runners and variables are called.

use std::sync::Arc;

use plim_audit::{Pins, Tier, WaivedPlace, Waiver, pins::Lock, rule};
use plim_diag::{Spanned, closest};
use plim_workflow::Pattern;

use super::{
    extends::{self, Shared},
    table::{Reader, Table},
    unknown, values,
};

/// Keys of `[check]`.
pub(crate) const CHECK_KEYS: &[&str] = &[
    "extends",
    "tier",
    "ignore",
    "runner-labels",
    "variables",
    "pins",
    "consumed",
    "release-workflows",
    "allowed-actions",
    "paths",
    "actions",
];

/// `[check]`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct CheckSettings {
    /// `extends`: files that are still to be read; none once [`super::read_check`] has read them.
    pub(super) extends: Vec<Shared>,
    /// `tier`: whose findings are shown.
    pub(crate) tier: Option<Tier>,
    /// `ignore`: codes of rules that are not applied.
    pub(crate) ignore: Vec<String>,
    /// `runner-labels`: globs of labels that runners of the repository's own have.
    pub(crate) runner_labels: Vec<String>,
    /// `variables`: all names of the `vars` context.
    pub(crate) variables: Option<Vec<String>>,
    /// `pins`: what actions of other repositories are to be pinned to.
    pub(crate) pins: Option<Pins>,
    /// `consumed`: commit statuses that something outside of the repository reads.
    pub(crate) consumed: Vec<String>,
    /// `release-workflows`: names of the workflow files that may publish.
    pub(crate) release_workflows: Vec<String>,
    /// `allowed-actions`: globs of the actions that may be used.
    pub(crate) allowed_actions: Option<Vec<String>>,
    /// `paths` and `actions`: codes of rules that are not applied there.
    pub(crate) waivers: Vec<Waiver>,
    /// What `plimsoll.lock` knows, where there is one.
    pub(crate) lock: Option<Arc<Lock>>,
}

impl CheckSettings {
    /// These settings over those of a file that they extend: what stands here wins, and lists add up, what is shared
    /// first.
    pub(super) fn over(self, shared: Self) -> Self {
        Self {
            extends: joined(shared.extends, self.extends),
            tier: self.tier.or(shared.tier),
            ignore: joined(shared.ignore, self.ignore),
            runner_labels: joined(shared.runner_labels, self.runner_labels),
            variables: either(shared.variables, self.variables),
            pins: self.pins.or(shared.pins),
            consumed: joined(shared.consumed, self.consumed),
            release_workflows: joined(shared.release_workflows, self.release_workflows),
            allowed_actions: either(shared.allowed_actions, self.allowed_actions),
            waivers: joined(shared.waivers, self.waivers),
            lock: self.lock.or(shared.lock),
        }
    }
}

/// Understands as much of the table as can be understood.
pub(super) fn read(reader: &mut Reader, check: &Table<'_>) -> CheckSettings {
    unknown(reader, check, CHECK_KEYS, "a key of `[check]`");
    let extends = check.get("extends").map(|value| extends::read(reader, value));
    let extends = extends.unwrap_or_default();
    let tier = check.get("tier").and_then(|value| tier(reader, value));
    let pins = check.get("pins").and_then(|value| pins(reader, value));
    let mut texts = |key: &str| check.get(key).map(|value| reader.texts(value));
    let (ignore, labels) = (texts("ignore"), texts("runner-labels"));
    let (variables, allowed_actions) = (texts("variables"), texts("allowed-actions"));
    let (consumed, release_workflows) = (texts("consumed"), texts("release-workflows"));
    let ignore = ignore.unwrap_or_default();
    ignore.iter().for_each(|code| known(reader, code));
    let mut waivers = waivers(reader, check, "paths", path);
    waivers.extend(self::waivers(reader, check, "actions", |_, glob| {
        Some(WaivedPlace::Action(glob.value.to_owned()))
    }));
    CheckSettings {
        extends,
        tier,
        ignore: values(ignore),
        runner_labels: values(labels.unwrap_or_default()),
        variables: variables.map(values),
        pins,
        consumed: values(consumed.unwrap_or_default()),
        release_workflows: values(release_workflows.unwrap_or_default()),
        allowed_actions: allowed_actions.map(values),
        waivers,
        lock: None,
    }
}

fn joined<T>(mut first: Vec<T>, then: Vec<T>) -> Vec<T> {
    first.extend(then);
    first
}

/// Both lists; `None`, which means something else than an empty list, only where neither stands.
fn either(first: Option<Vec<String>>, then: Option<Vec<String>>) -> Option<Vec<String>> {
    match (first, then) {
        (Some(first), Some(then)) => Some(joined(first, then)),
        (first, then) => first.or(then),
    }
}

/// The tables of `check` that say which rules are not applied where.
fn waivers(
    reader: &mut Reader,
    check: &Table<'_>,
    key: &str,
    place: fn(&mut Reader, Spanned<&str>) -> Option<WaivedPlace>,
) -> Vec<Waiver> {
    let Some(table) = check.get(key).and_then(|value| reader.table(value)) else { return vec![] };
    let waivers = table.entries().filter_map(|(name, value)| {
        let codes = reader.texts(value);
        codes.iter().for_each(|code| known(reader, code));
        Some(Waiver { place: place(reader, name)?, codes: values(codes) })
    });
    waivers.collect()
}

fn path(reader: &mut Reader, glob: Spanned<&str>) -> Option<WaivedPlace> {
    match Pattern::parse(glob.value) {
        Ok(pattern) if !pattern.is_negative() => Some(WaivedPlace::Path(pattern)),
        _ => {
            let help = "write it as the `paths` of an event are: `.github/workflows/old-*.yml`";
            let message = format!("`{}` is no pattern of paths", glob.value);
            reader.fault(glob.span, &message, Some(help.to_owned()));
            None
        }
    }
}

fn pins(reader: &mut Reader, value: super::table::Value<'_>) -> Option<Pins> {
    let name = reader.text(value)?;
    let pins = Pins::named(&name);
    if pins.is_none() {
        let help = "write `\"sha\"` or `\"tag\"`".to_owned();
        reader.fault(value.span, &format!("`{name}` is nothing to pin to"), Some(help));
    }
    pins
}

fn tier(reader: &mut Reader, value: super::table::Value<'_>) -> Option<Tier> {
    let name = reader.text(value)?;
    let tier = Tier::named(&name);
    if tier.is_none() {
        let help = "write `\"default\"`, `\"pedantic\"` or `\"opt-in\"`".to_owned();
        reader.fault(value.span, &format!("`{name}` is no tier"), Some(help));
    }
    tier
}

fn known(reader: &mut Reader, code: &Spanned<String>) {
    if rule(&code.value).is_some() {
        return;
    }
    let rules = plim_audit::all_rules();
    let near = closest(&code.value, rules.iter().map(|rule| rule.code.0));
    let help = near.map(|near| format!("did you mean `{near}`?"));
    let help = help.unwrap_or_else(|| "`plim explain` lists all".to_owned());
    reader.fault(code.span, &format!("there is no rule `{}`", code.value), Some(help));
}
