//! Decides whether something that happened starts a workflow.
//!
//! Sources: GitHub's "workflow syntax" for `on.<event>.<filter>` and "events that trigger workflows".

use std::fmt;

use crate::{Activities, Event, Filter, Name, Pattern, Trigger, Workflow};

/// Something that happened, as a trigger sees it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Happening<'a> {
    /// The event's name: `push`, `pull_request`, …
    pub event: &'a str,
    /// Its activity type; `None` when the event has none or it is not known.
    pub activity: Option<&'a str>,
    /// What was pushed, created or built: for `workflow_run` the branch of the run that ended.
    pub reference: Option<Reference<'a>>,
    /// The branch that a pull request or a merge group goes into, without `refs/heads/`.
    pub base: Option<&'a str>,
    /// The changed files, relative to the repository's root, with `/`; `None` when the change could not be computed.
    pub paths: Option<&'a [String]>,
    /// For `workflow_run`, the name of the workflow that ran.
    pub workflow: Option<&'a str>,
    /// For `image_version`, the name of the image.
    pub image: Option<&'a str>,
    /// For `image_version`, its version.
    pub version: Option<&'a str>,
}

/// A branch or a tag, by its short name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'a> {
    /// Without `refs/heads/`.
    Branch(&'a str),
    /// Without `refs/tags/`.
    Tag(&'a str),
}

impl<'a> Reference<'a> {
    /// Reads a full name such as `refs/heads/main`; `None` for a name of another kind.
    #[must_use]
    pub fn parse(full: &'a str) -> Option<Self> {
        let branch = full.strip_prefix("refs/heads/").map(Self::Branch);
        branch.or_else(|| full.strip_prefix("refs/tags/").map(Self::Tag))
    }
}

/// Whether a workflow starts, and if not, or not surely, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It starts.
    Yes,
    /// It does not; names the filter and what was compared.
    No(String),
    /// What a filter asks for is not known.
    Undetermined(String),
}

impl Decision {
    /// Whether it is [`Decision::Yes`].
    #[must_use]
    pub fn is_yes(&self) -> bool {
        *self == Self::Yes
    }

    /// This unless it is yes, then the next; a `No` of the next outweighs what is undetermined here.
    fn and(self, next: impl FnOnce() -> Self) -> Self {
        match self {
            Self::No(_) => self,
            Self::Yes => next(),
            Self::Undetermined(_) => match next() {
                Self::No(reason) => Self::No(reason),
                Self::Yes | Self::Undetermined(_) => self,
            },
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes => f.write_str("it starts"),
            Self::No(reason) => write!(f, "it does not start: {reason}"),
            Self::Undetermined(reason) => write!(f, "undetermined: {reason}"),
        }
    }
}

impl Workflow {
    /// Whether `happening` starts this workflow: the answer of the trigger for its event.
    #[must_use]
    pub fn starts_on(&self, happening: &Happening<'_>) -> Decision {
        let trigger = self.triggers.iter().find(|trigger| &*trigger.event.value == happening.event);
        match trigger {
            Some(trigger) => trigger.matches(happening),
            None => Decision::No(format!("`on` does not name `{}`", happening.event)),
        }
    }
}

impl Trigger {
    /// Whether `happening` passes every filter of this trigger.
    #[must_use]
    pub fn matches(&self, happening: &Happening<'_>) -> Decision {
        if &*self.event.value != happening.event {
            let (wanted, got) = (&self.event.value, happening.event);
            return Decision::No(format!("the trigger is for `{wanted}`, not `{got}`"));
        }
        self.types_match(happening)
            .and(|| listed("workflows", &self.workflows, happening.workflow))
            .and(|| fitted("names", &self.names, happening.image))
            .and(|| fitted("versions", &self.versions, happening.version))
            .and(|| self.references_match(happening))
            .and(|| self.paths_match(happening))
    }

    fn types_match(&self, happening: &Happening<'_>) -> Decision {
        let event = Event::named(&self.event.value);
        match (&self.types, happening.activity) {
            (Some(types), activity) => listed("types", types, activity),
            (None, Some(activity))
                if event.is_some_and(|event| !event.starts_by_default(activity)) =>
            {
                let started = event.map_or(&[][..], default_activities).join("`, `");
                Decision::No(format!(
                    "without `types`, `{}` starts on `{started}`, not on `{activity}`",
                    self.event.value
                ))
            }
            (None, _) => Decision::Yes,
        }
    }

    fn references_match(&self, happening: &Happening<'_>) -> Decision {
        match &*self.event.value {
            "push" => self.pushed(happening.reference),
            "workflow_run" => match happening.reference {
                Some(Reference::Branch(name) | Reference::Tag(name)) => {
                    filtered("branches", self.branches.as_ref(), Some(name))
                }
                None => filtered("branches", self.branches.as_ref(), None),
            },
            _ => filtered("branches", self.branches.as_ref(), happening.base),
        }
    }

    /// A push to a kind of reference that has no filter does not start when the other kind has one.
    fn pushed(&self, reference: Option<Reference<'_>>) -> Decision {
        let (branches, tags) = (self.branches.as_ref(), self.tags.as_ref());
        match (reference, branches, tags) {
            (_, None, None) => Decision::Yes,
            (None, _, _) => Decision::Undetermined("it is not known what was pushed".to_owned()),
            (Some(Reference::Branch(name)), Some(_), _) => {
                filtered("branches", branches, Some(name))
            }
            (Some(Reference::Tag(name)), _, Some(_)) => filtered("tags", tags, Some(name)),
            (Some(Reference::Branch(name)), None, Some(tags)) => Decision::No(format!(
                "only `{}` is filtered, and the push is to the branch `{name}`",
                key("tags", tags)
            )),
            (Some(Reference::Tag(name)), Some(branches), None) => Decision::No(format!(
                "only `{}` is filtered, and the push is of the tag `{name}`",
                key("branches", branches)
            )),
        }
    }

    fn paths_match(&self, happening: &Happening<'_>) -> Decision {
        let Some(filter) = &self.paths else { return Decision::Yes };
        // GitHub does not look at paths when a tag is pushed.
        if matches!(happening.reference, Some(Reference::Tag(_))) && happening.event == "push" {
            return Decision::Yes;
        }
        let Some(paths) = happening.paths else {
            let key = key("paths", filter);
            return Decision::Undetermined(format!(
                "`{key}` is filtered, and the changed files are not known"
            ));
        };
        filter.passes_paths(paths)
    }
}

impl Filter {
    /// Whether the patterns choose `name`, the last one that fits deciding; before `ignore` is looked at.
    ///
    /// A pattern that does not compile fits nothing; the reader has said so.
    #[must_use]
    pub fn chooses(&self, name: &str) -> bool {
        choose(&compiled(&self.patterns), name)
    }

    fn passes_paths(&self, paths: &[String]) -> Decision {
        let patterns = compiled(&self.patterns);
        let chosen = |path: &String| choose(&patterns, path);
        let written = quoted(&self.patterns);
        match (self.ignore, paths) {
            (true, []) => Decision::Yes,
            (true, paths) if paths.iter().all(chosen) => Decision::No(format!(
                "`paths-ignore` ({written}) covers all {} changed files",
                paths.len()
            )),
            (true, _) => Decision::Yes,
            (false, paths) if paths.iter().any(chosen) => Decision::Yes,
            (false, []) => Decision::No(format!("`paths` asks for {written}, and no file changed")),
            (false, [only]) => {
                Decision::No(format!("`paths` asks for {written}, and only `{only}` changed"))
            }
            (false, paths) => Decision::No(format!(
                "`paths` asks for {written}, and none of {} changed files fits, such as `{}`",
                paths.len(),
                paths[0]
            )),
        }
    }
}

fn default_activities(event: &'static Event) -> &'static [&'static str] {
    match event.activities {
        Activities::None | Activities::Any => &[],
        Activities::All(started) | Activities::Default(_, started) => started,
    }
}

/// `types` and `workflows`: one of these names.
fn listed(key: &str, names: &[Name], got: Option<&str>) -> Decision {
    match got {
        _ if names.is_empty() => Decision::Yes,
        None => Decision::Undetermined(format!("`{key}` asks for {}", quoted(names))),
        Some(got) if names.iter().any(|name| &*name.value == got) => Decision::Yes,
        Some(got) => Decision::No(format!("`{key}` asks for {}, not `{got}`", quoted(names))),
    }
}

/// `names` and `versions`: patterns without an `-ignore` form.
fn fitted(key: &str, names: &[Name], got: Option<&str>) -> Decision {
    match got {
        _ if names.is_empty() => Decision::Yes,
        None => Decision::Undetermined(format!("`{key}` asks for {}", quoted(names))),
        Some(got) if choose(&compiled(names), got) => Decision::Yes,
        Some(got) => Decision::No(format!("`{key}` asks for {}, not `{got}`", quoted(names))),
    }
}

fn filtered(what: &'static str, filter: Option<&Filter>, name: Option<&str>) -> Decision {
    let Some(filter) = filter else { return Decision::Yes };
    let (key, patterns) = (key(what, filter), quoted(&filter.patterns));
    match name {
        None => Decision::Undetermined(format!("`{key}` is filtered, and no name is known")),
        Some(name) if filter.chooses(name) != filter.ignore => Decision::Yes,
        Some(name) if filter.ignore => {
            Decision::No(format!("`{key}` ({patterns}) covers `{name}`"))
        }
        Some(name) => Decision::No(format!("`{key}` asks for {patterns}, not `{name}`")),
    }
}

fn key(what: &'static str, filter: &Filter) -> &'static str {
    match (what, filter.ignore) {
        ("branches", true) => "branches-ignore",
        ("tags", true) => "tags-ignore",
        ("paths", true) => "paths-ignore",
        (plain, _) => plain,
    }
}

fn compiled(patterns: &[Name]) -> Vec<Pattern> {
    patterns.iter().filter_map(|pattern| Pattern::parse(&pattern.value).ok()).collect()
}

/// The last pattern that fits decides; a name that none fits is not chosen.
fn choose(patterns: &[Pattern], name: &str) -> bool {
    let last = patterns.iter().rev().find(|pattern| pattern.fits(name));
    last.is_some_and(|pattern| !pattern.is_negative())
}

fn quoted(names: &[Name]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", name.value)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use plim_diag::{Span, Spanned};

    fn names(names: &[&str]) -> Vec<Name> {
        names.iter().map(|name| Spanned::new((*name).into(), Span::default())).collect()
    }

    fn filter(patterns: &[&str]) -> Option<Filter> {
        Some(Filter { ignore: false, patterns: names(patterns) })
    }

    fn ignoring(patterns: &[&str]) -> Option<Filter> {
        Some(Filter { ignore: true, patterns: names(patterns) })
    }

    fn trigger(event: &str) -> Trigger {
        Trigger::on(Spanned::new(event.into(), Span::default()))
    }

    fn push(reference: Reference<'static>) -> Happening<'static> {
        Happening { event: "push", reference: Some(reference), ..Happening::default() }
    }

    fn no(decision: &Decision) -> &str {
        match decision {
            Decision::No(reason) => reason,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn without_filters_every_push_starts() {
        assert!(trigger("push").matches(&push(Reference::Branch("x"))).is_yes());
        assert!(trigger("push").matches(&push(Reference::Tag("x"))).is_yes());
        let other = trigger("pull_request").matches(&push(Reference::Tag("x")));
        assert_eq!(no(&other), "the trigger is for `pull_request`, not `push`");
    }

    #[test]
    fn a_negative_pattern_takes_back_what_came_before_it() {
        let filter = filter(&["releases/**", "!releases/**-alpha", "releases/keep-alpha"]).unwrap();
        assert!(filter.chooses("releases/10"));
        assert!(!filter.chooses("releases/10-alpha"));
        assert!(filter.chooses("releases/keep-alpha"));
        assert!(!super::tests::filter(&["!releases/**"]).unwrap().chooses("main"));
    }

    #[test]
    fn filtering_only_branches_leaves_tags_out_and_the_other_way_round() {
        let branches = Trigger { branches: filter(&["main"]), ..trigger("push") };
        assert!(branches.matches(&push(Reference::Branch("main"))).is_yes());
        let other = branches.matches(&push(Reference::Branch("topic")));
        assert_eq!(no(&other), "`branches` asks for `main`, not `topic`");
        let tag = branches.matches(&push(Reference::Tag("v1")));
        assert_eq!(no(&tag), "only `branches` is filtered, and the push is of the tag `v1`");

        let tags = Trigger { tags: ignoring(&["v0.*"]), ..trigger("push") };
        assert!(tags.matches(&push(Reference::Tag("v1"))).is_yes());
        assert!(!tags.matches(&push(Reference::Tag("v0.3"))).is_yes());
        assert!(!tags.matches(&push(Reference::Branch("main"))).is_yes());
    }

    #[test]
    fn paths_need_one_file_and_ignored_paths_need_all() {
        let changed =
            |paths: &[&str]| paths.iter().map(|&path| path.to_owned()).collect::<Vec<_>>();
        let (code, docs) = (changed(&["src/a.rs"]), changed(&["docs/a.md"]));
        let both = changed(&["src/a.rs", "docs/a.md"]);
        let only = Trigger { paths: filter(&["src/**", "!src/gen/**"]), ..trigger("push") };
        let but = Trigger { paths: ignoring(&["docs/**"]), ..trigger("push") };
        let with = |paths| Happening { paths: Some(paths), ..push(Reference::Branch("main")) };

        assert!(only.matches(&with(&code)).is_yes() && only.matches(&with(&both)).is_yes());
        assert_eq!(
            no(&only.matches(&with(&docs))),
            "`paths` asks for `src/**`, `!src/gen/**`, and only `docs/a.md` changed"
        );
        let generated = changed(&["src/gen/x.rs"]);
        assert!(!only.matches(&with(&generated)).is_yes());
        assert!(!only.matches(&with(&[])).is_yes());
        assert!(but.matches(&with(&both)).is_yes() && but.matches(&with(&[])).is_yes());
        assert_eq!(
            no(&but.matches(&with(&docs))),
            "`paths-ignore` (`docs/**`) covers all 1 changed files"
        );
    }

    #[test]
    fn paths_are_not_looked_at_for_tags_and_unknown_changes_are_undetermined() {
        let trigger = Trigger { paths: filter(&["src/**"]), ..trigger("push") };
        assert!(trigger.matches(&push(Reference::Tag("v1"))).is_yes());
        let unknown = trigger.matches(&push(Reference::Branch("main")));
        assert!(matches!(unknown, Decision::Undetermined(_)), "{unknown}");
    }

    #[test]
    fn a_pull_request_is_filtered_by_its_base_and_its_default_types() {
        let trigger = Trigger { branches: filter(&["main"]), ..trigger("pull_request") };
        let into = |base, activity| Happening {
            event: "pull_request",
            activity: Some(activity),
            base: Some(base),
            ..Happening::default()
        };
        assert!(trigger.matches(&into("main", "synchronize")).is_yes());
        assert!(!trigger.matches(&into("next", "synchronize")).is_yes());
        assert_eq!(
            no(&trigger.matches(&into("main", "closed"))),
            "without `types`, `pull_request` starts on `opened`, `synchronize`, `reopened`, not on `closed`"
        );
        let closed = Trigger { types: Some(names(&["closed"])), ..trigger };
        assert!(closed.matches(&into("main", "closed")).is_yes());
        assert!(!closed.matches(&into("main", "opened")).is_yes());
    }

    #[test]
    fn a_no_outweighs_what_is_not_known() {
        let trigger = Trigger {
            types: Some(names(&["opened"])),
            branches: filter(&["main"]),
            ..trigger("pull_request")
        };
        let happening =
            Happening { event: "pull_request", base: Some("next"), ..Happening::default() };
        assert!(matches!(trigger.matches(&happening), Decision::No(_)));
        let happening = Happening { base: Some("main"), ..happening };
        assert!(matches!(trigger.matches(&happening), Decision::Undetermined(_)));
    }

    #[test]
    fn a_reference_is_read_from_its_full_name() {
        assert_eq!(Reference::parse("refs/heads/a/b"), Some(Reference::Branch("a/b")));
        assert_eq!(Reference::parse("refs/tags/v1"), Some(Reference::Tag("v1")));
        assert_eq!(Reference::parse("refs/pull/1/merge"), None);
    }
}
