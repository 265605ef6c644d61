//! What is hidden from steps, and what stays visible inside of it.

use std::path::{Path, PathBuf};

use plim_host::Bind;

use super::{
    Places, RoomPlan, Survey, UserFacts, Wishes,
    credential::{CREDENTIALS, Whereabouts},
};

/// Folders of the system: what a link in the home points to there is installed, not secret.
const SYSTEM: &[&str] = &[
    "/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/nix", "/opt", "/snap", "/var/lib", "/gnu",
];

/// What may be hidden: every dot file and dot folder of the home, every place of credentials elsewhere, and the sockets
/// of the user's session. In order, and each without symbolic links.
pub(super) fn hideable(
    user: &UserFacts<'_>,
    wishes: &Wishes,
    places: &Whereabouts,
) -> Vec<PathBuf> {
    let names = user.tree.names(user.home);
    let dotted = names.into_iter().filter(|name| name.as_encoded_bytes().starts_with(b"."));
    let dotted = dotted.map(|name| user.home.join(name)).filter(|path| !is_system_link(path, user));
    let withheld = CREDENTIALS.iter().filter(|credential| !wishes.credentials.contains(credential));
    let withheld = withheld.flat_map(|credential| places.all_of(credential, user));
    let session = [user.runtime(), PathBuf::from(format!("/run/user/{}", user.id))];
    let all = dotted.chain(withheld).chain(session);
    let mut real: Vec<_> = all.filter_map(|path| user.tree.real(&path)).collect();
    real.retain(|path| may_be_hidden(path, user));
    real.sort();
    real.dedup();
    real
}

impl Survey {
    /// Plans what is hidden from a job, and what stays visible in there.
    pub(super) fn hide(&self, places: &Places, plan: &mut RoomPlan) {
        let own = [&places.home, &places.temp, &places.withheld].into_iter().chain(&places.keep);
        // Who shows the whole home, by a variable or a repository in it, still means no credentials.
        let shown = own.chain(&self.shown).filter(|path| !self.home.starts_with(path));
        let mut shown: Vec<_> = shown.collect();
        shown.sort();
        // What lies in a folder that is shown is shown with it, and sorted after it.
        shown.dedup_by(|later, earlier| later.starts_with(&**earlier));
        let is_shown = |path: &&PathBuf| shown.iter().any(|shown| path.starts_with(shown));
        let mut hidden: Vec<_> = self.hideable.iter().filter(|path| !is_shown(path)).collect();
        hidden.dedup_by(|later, earlier| later.starts_with(&**earlier));
        let is_hidden = |path: &&PathBuf| hidden.iter().any(|hidden| path.starts_with(hidden));
        let bind = |path: &PathBuf| Bind { from: path.clone(), to: path.clone() };
        plan.bind = shown.iter().copied().filter(is_hidden).map(bind).collect();
        plan.hide = hidden.into_iter().cloned().collect();
    }
}

fn is_system_link(path: &Path, user: &UserFacts<'_>) -> bool {
    let real = user.real(path);
    is_system(&real) && !real.starts_with(user.real(user.home))
}

/// True for what is installed with the system.
pub(super) fn is_system(path: &Path) -> bool {
    SYSTEM.iter().any(|folder| path.starts_with(folder))
}

/// Never the home itself, a folder that holds it, nor one of the system's great folders, whatever a variable says.
fn may_be_hidden(real: &Path, user: &UserFacts<'_>) -> bool {
    const GREAT: [&str; 6] = ["/tmp", "/var/tmp", "/run", "/dev", "/proc", "/sys"];
    let great = GREAT.iter().chain(SYSTEM).any(|folder| Path::new(folder).starts_with(real));
    !great && !user.real(user.home).starts_with(real)
}
