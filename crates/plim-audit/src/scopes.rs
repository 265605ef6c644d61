//! What the token of a job must be allowed to do for its steps to work.

use std::collections::BTreeMap;

use plim_workflow::{Access, ActionReference, JobBody, Step, StepBody, Uses};

use crate::JobAt;
use crate::remote::{Remote, input};

/// The scopes that steps need.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    /// Each scope with the access it needs.
    pub scopes: BTreeMap<&'static str, Access>,
    /// Whether nothing but these can be needed: every action and command is known.
    pub certain: bool,
    /// The actions and commands that write to each scope.
    writers: BTreeMap<&'static str, Vec<&'static str>>,
}

use Access::{Read, Write};

type Row = (&'static str, &'static [(&'static str, Access)]);

/// What well-known actions need, by their documentation.
const ACTIONS: &[Row] = &[
    ("actions/attest", &[("attestations", Write), ("id-token", Write)]),
    ("actions/attest-build-provenance", &[("attestations", Write), ("id-token", Write)]),
    ("actions/attest-sbom", &[("attestations", Write), ("id-token", Write)]),
    ("actions/cache", &[]),
    ("actions/checkout", &[("contents", Read)]),
    ("actions/configure-pages", &[("pages", Read)]),
    ("actions/dependency-review-action", &[("contents", Read)]),
    ("actions/deploy-pages", &[("id-token", Write), ("pages", Write)]),
    ("actions/download-artifact", &[]),
    ("actions/labeler", &[("contents", Read), ("pull-requests", Write)]),
    ("actions/stale", &[("issues", Write), ("pull-requests", Write)]),
    ("actions/upload-artifact", &[]),
    ("actions/upload-pages-artifact", &[]),
    ("codecov/codecov-action", &[]),
    ("crate-ci/typos", &[]),
    ("dependabot/fetch-metadata", &[("pull-requests", Read)]),
    ("docker/build-push-action", &[]),
    ("docker/metadata-action", &[]),
    ("docker/setup-buildx-action", &[]),
    ("docker/setup-qemu-action", &[]),
    ("dorny/paths-filter", &[("pull-requests", Read)]),
    ("dorny/test-reporter", &[("checks", Write)]),
    ("dtolnay/rust-toolchain", &[]),
    ("embarkstudios/cargo-deny-action", &[]),
    ("endbug/add-and-commit", &[("contents", Write)]),
    ("github/codeql-action", &[("security-events", Write)]),
    (
        "googleapis/release-please-action",
        &[("contents", Write), ("issues", Write), ("pull-requests", Write)],
    ),
    ("goreleaser/goreleaser-action", &[("contents", Write)]),
    ("jamesives/github-pages-deploy-action", &[("contents", Write)]),
    ("marocchino/sticky-pull-request-comment", &[("pull-requests", Write)]),
    ("ncipollo/release-action", &[("contents", Write)]),
    ("peaceiris/actions-gh-pages", &[("contents", Write)]),
    ("peter-evans/create-or-update-comment", &[("issues", Write), ("pull-requests", Write)]),
    ("peter-evans/create-pull-request", &[("contents", Write), ("pull-requests", Write)]),
    ("pre-commit/action", &[]),
    ("rustsec/audit-check", &[("checks", Write), ("issues", Write)]),
    ("softprops/action-gh-release", &[("contents", Write)]),
    ("stefanzweifel/git-auto-commit-action", &[("contents", Write)]),
    ("step-security/harden-runner", &[]),
    ("swatinem/rust-cache", &[]),
    ("taiki-e/create-gh-release-action", &[("contents", Write)]),
    ("taiki-e/install-action", &[]),
    ("taiki-e/upload-rust-binary-action", &[("contents", Write)]),
];

/// What commands need.
const COMMANDS: &[Row] = &[
    ("git push", &[("contents", Write)]),
    ("gh release create", &[("contents", Write)]),
    ("gh release delete", &[("contents", Write)]),
    ("gh release edit", &[("contents", Write)]),
    ("gh release upload", &[("contents", Write)]),
    ("gh release ", &[("contents", Read)]),
    ("gh pr merge", &[("contents", Write), ("pull-requests", Write)]),
    ("gh pr list", &[("pull-requests", Read)]),
    ("gh pr view", &[("pull-requests", Read)]),
    ("gh pr diff", &[("pull-requests", Read)]),
    ("gh pr checkout", &[("pull-requests", Read)]),
    ("gh pr ", &[("pull-requests", Write)]),
    ("gh issue list", &[("issues", Read)]),
    ("gh issue view", &[("issues", Read)]),
    ("gh issue ", &[("issues", Write)]),
    ("gh workflow run", &[("actions", Write)]),
    ("gh run rerun", &[("actions", Write)]),
    ("gh run cancel", &[("actions", Write)]),
    ("gh run ", &[("actions", Read)]),
    ("gh cache ", &[("actions", Write)]),
    ("gh label ", &[("issues", Write)]),
];

impl Needs {
    /// What the steps of `job` need.
    pub(crate) fn of_job(job: JobAt<'_>, source: &str) -> Self {
        let mut needs = Self { certain: true, ..Self::default() };
        match &job.job.body {
            JobBody::Steps(machine) => {
                machine.steps.iter().for_each(|step| needs.step(step, source));
            }
            _ => needs.certain = false,
        }
        needs
    }

    /// The access that `scope` needs.
    pub(crate) fn of(&self, scope: &str) -> Access {
        self.scopes.get(scope).copied().unwrap_or(Access::None)
    }

    /// The needs of all of them.
    pub(crate) fn joined<'n>(all: impl IntoIterator<Item = &'n Self>) -> Self {
        let mut joined = Self { certain: true, ..Self::default() };
        all.into_iter().for_each(|needs| joined.join(needs));
        joined
    }

    fn join(&mut self, other: &Self) {
        for (scope, access) in &other.scopes {
            self.add(scope, *access, &[]);
        }
        for (scope, writers) in &other.writers {
            self.add(scope, Access::Write, writers);
        }
        self.certain &= other.certain;
    }

    /// Whether something is written to.
    pub(crate) fn writes(&self) -> bool {
        !self.writers.is_empty()
    }

    /// `permissions` with these scopes, its lines behind `indent`, and behind each scope that is written what does.
    pub(crate) fn block(&self, indent: &str) -> String {
        if self.scopes.is_empty() {
            return "permissions: {}\n".to_owned();
        }
        let line = |(scope, access): (&&'static str, &Access)| {
            let writers = self.writers.get(scope).map(|writers| writers.join(", "));
            let comment = writers.map(|writers| format!(" # {writers}")).unwrap_or_default();
            format!("{indent}  {scope}: {access}{comment}\n")
        };
        format!("permissions:\n{}", self.scopes.iter().map(line).collect::<String>())
    }

    /// `contents: read, issues: write`.
    pub(crate) fn written(&self) -> String {
        let scopes: Vec<String> =
            self.scopes.iter().map(|(scope, access)| format!("{scope}: {access}")).collect();
        scopes.join(", ")
    }

    fn add(&mut self, scope: &'static str, access: Access, by: &[&'static str]) {
        let known = self.scopes.entry(scope).or_insert(access);
        *known = (*known).max(access);
        if access == Access::Write {
            let writers = self.writers.entry(scope).or_default();
            by.iter().for_each(|by| {
                if !writers.contains(by) {
                    writers.push(by);
                }
            });
        }
    }

    fn add_row(&mut self, (by, scopes): &Row) {
        for (scope, access) in *scopes {
            self.add(scope, *access, &[by.trim_end()]);
        }
    }

    fn step(&mut self, step: &Step, source: &str) {
        match &step.body {
            StepBody::Run(run) => self.script(&run.script.template.source()),
            StepBody::Uses(uses) => self.action(uses, source),
            StepBody::Parallel(steps) => steps.iter().for_each(|step| self.step(step, source)),
            StepBody::Unreadable => self.certain = false,
            StepBody::Wait(_) | StepBody::WaitAll | StepBody::Cancel(_) => {}
        }
        // A token that is handed on does what nobody can see here.
        let env = step.env.as_ref().map(plim_workflow::Entries::written).unwrap_or_default();
        let token = |text: &str| {
            let text = text.to_ascii_lowercase();
            text.contains("github.token") || text.contains("secrets.github_token")
        };
        let by_gh = matches!(&step.body, StepBody::Run(run) if run.script.template.source().contains("gh "));
        if !by_gh && env.iter().any(|(_, value)| token(&value.template.source())) {
            self.certain = false;
        }
    }

    fn action(&mut self, uses: &Uses, source: &str) {
        if let ActionReference::Docker(_) = &uses.action.value {
            return;
        }
        let remote = Remote::of_uses(uses, source);
        let row = remote.and_then(|remote| ACTIONS.iter().find(|(name, _)| remote.is(name)));
        let setup = remote.is_some_and(|remote| {
            remote.owner.eq_ignore_ascii_case("actions") && remote.repository.starts_with("setup-")
        });
        match row {
            Some(row) => self.add_row(row),
            None if setup => {}
            None => self.certain = false,
        }
        // With a token of its own, the action does not use that of the job.
        let own = ["token", "github-token", "github_token", "repo-token"].iter().any(|name| {
            input(uses, name).is_some_and(|text| text.template.source().contains("secrets."))
        });
        self.certain &= !own;
    }

    fn script(&mut self, script: &str) {
        for line in script.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            if let Some(row) = COMMANDS.iter().find(|(command, _)| line.contains(command)) {
                self.add_row(row);
            }
        }
        let opaque = [
            "gh api",
            "api.github.com",
            "github.token",
            "GITHUB_TOKEN",
            "GH_TOKEN",
            "./",
            "make",
            "docker push",
            "docker login",
            "npm publish",
            "ghcr.io",
        ];
        self.certain &= !opaque.iter().any(|word| script.contains(word));
    }
}
