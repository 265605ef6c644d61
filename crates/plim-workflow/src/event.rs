//! An event is what GitHub lets start a workflow: its name, its activities and the filters it allows.
//!
//! The table follows GitHub's "events that trigger workflows" and the schema of its language services.

/// One event that `on:` may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its name under `on:`.
    pub name: &'static str,
    /// What its `types` may say.
    pub activities: Activities,
    /// The other keys it allows.
    pub keys: &'static [&'static str],
}

/// The activity types of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activities {
    /// It has none; `types` is not allowed.
    None,
    /// Any name that the sender chose: `repository_dispatch`.
    Any,
    /// These; without `types`, all of them start the workflow.
    All(&'static [&'static str]),
    /// These; without `types`, only the second list starts the workflow.
    Default(&'static [&'static str], &'static [&'static str]),
}

impl Event {
    /// The event called `name`, with regard to case.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        EVENTS.iter().find(|event| event.name == name)
    }

    /// Every activity that `types` may name; empty when it has none or any will do.
    #[must_use]
    pub fn known_activities(&self) -> &'static [&'static str] {
        match self.activities {
            Activities::None | Activities::Any => &[],
            Activities::All(all) | Activities::Default(all, _) => all,
        }
    }

    /// Whether `activity` starts a workflow that names no `types`.
    #[must_use]
    pub fn starts_by_default(&self, activity: &str) -> bool {
        match self.activities {
            Activities::None | Activities::Any => true,
            Activities::All(started) | Activities::Default(_, started) => {
                started.contains(&activity)
            }
        }
    }

    /// Whether its mapping may hold `key`.
    #[must_use]
    pub fn allows(&self, key: &str) -> bool {
        self.keys.contains(&key) || (key == "types" && self.activities != Activities::None)
    }
}

const NONE: &[&str] = &[];
const WRITTEN: &[&str] = &["created", "edited", "deleted"];
const BRANCHES: &[&str] = &["branches", "branches-ignore"];
const BRANCHES_AND_PATHS: &[&str] = &["branches", "branches-ignore", "paths", "paths-ignore"];

const PULL_REQUEST: Activities = Activities::Default(
    &[
        "assigned",
        "unassigned",
        "labeled",
        "unlabeled",
        "opened",
        "edited",
        "closed",
        "reopened",
        "synchronize",
        "converted_to_draft",
        "locked",
        "unlocked",
        "enqueued",
        "dequeued",
        "milestoned",
        "demilestoned",
        "ready_for_review",
        "review_requested",
        "review_request_removed",
        "auto_merge_enabled",
        "auto_merge_disabled",
        "stacked",
    ],
    &["opened", "synchronize", "reopened"],
);

const fn plain(name: &'static str) -> Event {
    Event { name, activities: Activities::None, keys: NONE }
}

const fn with(name: &'static str, activities: &'static [&'static str]) -> Event {
    Event { name, activities: Activities::All(activities), keys: NONE }
}

/// Every event, ordered by name.
pub const EVENTS: &[Event] = &[
    with("branch_protection_rule", WRITTEN),
    with("check_run", &["created", "rerequested", "completed", "requested_action"]),
    with("check_suite", &["completed"]),
    plain("create"),
    plain("delete"),
    plain("deployment"),
    plain("deployment_status"),
    with(
        "discussion",
        &[
            "created",
            "edited",
            "deleted",
            "transferred",
            "pinned",
            "unpinned",
            "labeled",
            "unlabeled",
            "locked",
            "unlocked",
            "category_changed",
            "answered",
            "unanswered",
        ],
    ),
    with("discussion_comment", WRITTEN),
    plain("fork"),
    plain("gollum"),
    Event {
        name: "image_version",
        activities: Activities::All(&["created", "ready", "deleted"]),
        keys: &["names", "versions"],
    },
    with("issue_comment", WRITTEN),
    with(
        "issues",
        &[
            "opened",
            "edited",
            "deleted",
            "transferred",
            "pinned",
            "unpinned",
            "closed",
            "reopened",
            "assigned",
            "unassigned",
            "labeled",
            "unlabeled",
            "locked",
            "unlocked",
            "milestoned",
            "demilestoned",
            "field_added",
            "field_removed",
            "typed",
            "untyped",
        ],
    ),
    with("label", WRITTEN),
    Event {
        name: "merge_group",
        activities: Activities::All(&["checks_requested"]),
        keys: BRANCHES,
    },
    with("milestone", &["created", "closed", "opened", "edited", "deleted"]),
    plain("page_build"),
    with("project", &["created", "closed", "reopened", "edited", "deleted"]),
    with("project_card", &["created", "moved", "converted", "edited", "deleted"]),
    with("project_column", &["created", "updated", "moved", "deleted"]),
    plain("public"),
    Event { name: "pull_request", activities: PULL_REQUEST, keys: BRANCHES_AND_PATHS },
    with("pull_request_comment", WRITTEN),
    with("pull_request_review", &["submitted", "edited", "dismissed"]),
    with("pull_request_review_comment", WRITTEN),
    Event { name: "pull_request_target", activities: PULL_REQUEST, keys: BRANCHES_AND_PATHS },
    Event {
        name: "push",
        activities: Activities::None,
        keys: &["branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"],
    },
    with("registry_package", &["published", "updated"]),
    with(
        "release",
        &["published", "unpublished", "created", "edited", "deleted", "prereleased", "released"],
    ),
    Event { name: "repository_dispatch", activities: Activities::Any, keys: NONE },
    plain("schedule"),
    plain("status"),
    with("watch", &["started"]),
    Event {
        name: "workflow_call",
        activities: Activities::None,
        keys: &["inputs", "outputs", "secrets"],
    },
    Event { name: "workflow_dispatch", activities: Activities::None, keys: &["inputs"] },
    Event {
        name: "workflow_run",
        activities: Activities::All(&["requested", "completed", "in_progress"]),
        keys: &["workflows", "branches", "branches-ignore"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_ordered_and_names_nothing_twice() {
        assert!(EVENTS.is_sorted_by(|a, b| a.name < b.name));
        for event in EVENTS {
            let known = event.known_activities();
            assert!(known.iter().enumerate().all(|(at, name)| !known[..at].contains(name)));
        }
    }

    #[test]
    fn what_starts_by_default_is_known() {
        let pull_request = Event::named("pull_request").unwrap();
        assert!(pull_request.starts_by_default("synchronize"));
        assert!(!pull_request.starts_by_default("closed"));
        assert!(pull_request.known_activities().contains(&"closed"));
        assert!(Event::named("release").unwrap().starts_by_default("published"));
        assert_eq!(Event::named("Push"), None);
    }

    #[test]
    fn filters_belong_to_events() {
        assert!(Event::named("push").unwrap().allows("tags"));
        assert!(!Event::named("push").unwrap().allows("types"));
        assert!(!Event::named("pull_request").unwrap().allows("tags"));
        assert!(Event::named("repository_dispatch").unwrap().allows("types"));
    }
}
