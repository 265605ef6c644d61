//! Surveys what the user has, once for a run, and plans the rooms of its jobs from it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Places, PlannedFile, PlannedLink, RoomPlan, Tool, UserFacts, Wishes, configuration, credential,
    environment, hidden, toolchain, withheld,
};

/// What of the user's concerns the rooms of jobs.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Variables that are the same in every job.
    pub(super) environment: BTreeMap<String, String>,
    /// The folders of the user's `PATH`.
    pub(super) search_path: Vec<String>,
    /// Links in a private home, relative to it, and where they point.
    pub(super) links: Vec<(PathBuf, PathBuf)>,
    /// Files in a private home, relative to it, and what is in them.
    pub(super) files: Vec<(PathBuf, String)>,
    /// What may be hidden, without symbolic links, in order.
    pub(super) hideable: Vec<PathBuf>,
    /// What must stay visible, without symbolic links.
    pub(super) shown: Vec<PathBuf>,
    /// The home without symbolic links.
    pub(super) home: PathBuf,
    /// Installed tools.
    pub(super) tools: Vec<Tool>,
    /// Programs that refuse, by name.
    pub(super) withheld: Vec<(&'static str, String)>,
    pub(super) allow_sudo: bool,
    pub(super) notes: Vec<String>,
}

impl Survey {
    /// Looks at the environment and the home of the user.
    pub fn new(user: &UserFacts<'_>, wishes: &Wishes) -> Self {
        let mut survey = Self {
            search_path: environment::search_path(user),
            home: user.real(user.home),
            allow_sudo: wishes.allow_sudo,
            ..Self::default()
        };
        let places = credential::Whereabouts::of(user);
        survey.hand_over(user, wishes, &places);
        survey.share_tools(user, &places);
        survey.copy_settings(user);
        survey.fill_environment(user, &places);
        if !wishes.allow_sudo {
            survey.withheld = withheld::refusals(user, &survey.search_path);
        }
        survey.shown = survey.shown.iter().filter_map(|path| user.tree.real(path)).collect();
        survey.hideable = hidden::hideable(user, wishes, &places);
        survey
    }

    /// What the user should know once.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Plans the room of a job.
    pub fn plan(&self, places: &Places) -> RoomPlan {
        let at_home = |path: &PathBuf| places.home.join(path);
        let file = |(path, content): &(PathBuf, String)| PlannedFile {
            path: at_home(path),
            content: content.clone(),
        };
        let link = |(at, to): &(PathBuf, PathBuf)| PlannedLink { at: at_home(at), to: to.clone() };
        let mut plan = RoomPlan {
            environment: self.environment.clone(),
            files: self.files.iter().map(file).collect(),
            links: self.links.iter().map(link).collect(),
            tools: self.tools.clone(),
            allow_sudo: self.allow_sudo,
            ..RoomPlan::default()
        };
        if !self.allow_sudo {
            plan.read_only.push(places.withheld.clone());
        }
        self.settle_in(places, &mut plan);
        self.hide(places, &mut plan);
        plan
    }

    /// Links `at` in private homes to `to`, unless something is linked there already.
    pub(super) fn link(&mut self, at: &str, to: &Path) {
        let at = PathBuf::from(at);
        if !self.links.iter().any(|(there, _)| at.starts_with(there) || there.starts_with(&at)) {
            self.links.push((at, to.to_owned()));
        }
    }

    /// Writes `content` at `path` in private homes, unless something is there already.
    pub(super) fn write(&mut self, path: PathBuf, content: String) {
        let linked = self.links.iter().any(|(there, _)| path.starts_with(there));
        if !linked && !self.files.iter().any(|(there, _)| *there == path) {
            self.files.push((path, content));
        }
    }

    fn share_tools(&mut self, user: &UserFacts<'_>, places: &credential::Whereabouts) {
        toolchain::share(user, places, self);
    }

    fn copy_settings(&mut self, user: &UserFacts<'_>) {
        configuration::copy(user, self);
    }
}
