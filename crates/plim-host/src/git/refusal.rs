//! Lets a job fetch from its remote without a network, and refuses to push to it.

use super::repository::quoted;

/// Where pushing to an address leads: to a transport that no git has, so that the message says it.
const NO_PUSH: &str = "no-push://plim-run-does-not-push";

/// What serves `origin`: it fetches from the store, whatever the address says, and refuses to push. An alias can be a
/// remote helper, because git starts one as it starts any of its commands; so nothing has to be on `PATH`.
const HELPER: &str = "!store=$(git config plimsoll.store) && unset $(git rev-parse --local-env-vars) && \
    while read -r word service; do case \"$word $service\" in \
    'capabilities ') printf 'connect\\n\\n' ;; \
    'connect git-upload-pack') echo && exec git upload-pack \"$store\" ;; \
    *) echo 'plim run does not push (no-push)' >&2 && exit 1 ;; \
    esac; done; :";

/// Settings by which fetching from `remote` reads the repository at `store`, and pushing to either
/// is refused, whatever form of the address a step uses.
///
/// The address of `origin` itself is not replaced: `git remote get-url` would show what replaces it.
pub(super) fn settings(remote: Option<&str>, store: &str) -> String {
    let forms = remote.map(forms).unwrap_or_default();
    let mut text = format!(
        "[plimsoll]\n\tstore = {}\n[protocol \"plimsoll\"]\n\tallow = always\n\
         [alias]\n\tremote-plimsoll = {}\n[url {}]\n",
        quoted(store),
        quoted(HELPER),
        quoted(NO_PUSH)
    );
    let over_ssh = remote.map(over_ssh).unwrap_or_default();
    for form in forms.iter().chain(&over_ssh).map(String::as_str).chain([store]) {
        text.push_str(&format!("\tpushInsteadOf = {}\n", quoted(form)));
    }
    let others: Vec<_> = forms.iter().filter(|form| Some(form.as_str()) != remote).collect();
    text.push_str(&format!("[url {}]\n", quoted(store)));
    for form in &others {
        text.push_str(&format!("\tinsteadOf = {}\n", quoted(form)));
    }
    let neighbours = others.iter().flat_map(|form| neighbours(form));
    for unchanged in neighbours.chain(remote.map(str::to_owned)) {
        let unchanged = quoted(&unchanged);
        text.push_str(&format!("[url {unchanged}]\n\tinsteadOf = {unchanged}\n"));
    }
    text
}

/// The section of the remote `origin`, with the address that it has on the forge.
pub(super) fn origin(remote: Option<&str>, store: &str) -> String {
    let helper = if remote.is_some() { "\tvcs = plimsoll\n" } else { "" };
    format!(
        "[remote \"origin\"]\n\turl = {}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n{helper}",
        quoted(remote.unwrap_or(store)),
    )
}

/// The addresses that mean the same repository: as configured and over HTTPS, with and without
/// `.git` at the end.
fn forms(remote: &str) -> Vec<String> {
    let bare = remote.trim_end_matches('/');
    let bare = bare.strip_suffix(".git").unwrap_or(bare);
    let https = host_and_path(bare).map(|(host, path)| format!("https://{host}/{path}"));
    let mut forms: Vec<String> = Vec::new();
    for base in [Some(bare.to_owned()), https].into_iter().flatten() {
        for form in [format!("{base}.git"), base] {
            if !form.is_empty() && !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}

/// The addresses under which the same repository can be pushed to with a key.
fn over_ssh(remote: &str) -> Vec<String> {
    let bare = remote.trim_end_matches('/');
    let bare = bare.strip_suffix(".git").unwrap_or(bare);
    let forms = |(host, path)| [format!("git@{host}:{path}"), format!("ssh://git@{host}/{path}")];
    host_and_path(bare).map(forms).into_iter().flatten().collect()
}

/// Splits `https://HOST/PATH`, `ssh://USER@HOST:PORT/PATH` and `USER@HOST:PATH`.
fn host_and_path(address: &str) -> Option<(&str, &str)> {
    let without_user = |text| str::split_once(text, '@').map_or(text, |(_, rest)| rest);
    if let Some((_, rest)) = address.split_once("://") {
        let (host, path) = without_user(rest).split_once('/')?;
        let host = host.split_once(':').map_or(host, |(host, _)| host);
        return Some((host, path)).filter(|(host, _)| !host.is_empty());
    }
    let (host, path) = address.split_once(':')?;
    (!host.contains('/')).then(|| (without_user(host), path))
}

/// Longer addresses that begin with `form` and mean other repositories.
///
/// Git replaces beginnings, and the longest that fits wins: each of these is replaced by itself.
fn neighbours(form: &str) -> Vec<String> {
    if form.ends_with(".git") {
        return vec![format!("{form}hub")];
    }
    let next = ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(['-', '_', '.']);
    next.map(|next| format!("{form}{next}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_address_is_known() {
        let both =
            ["git@h.org:o/r.git", "git@h.org:o/r", "https://h.org/o/r.git", "https://h.org/o/r"];
        assert_eq!(forms("git@h.org:o/r"), both);
        assert_eq!(forms("https://h.org/o/r/"), both[2..]);
        assert_eq!(forms("ssh://git@h.org:22/o/r.git")[2..], both[2..]);
        assert_eq!(forms("/srv/r.git"), ["/srv/r.git", "/srv/r"]);
        assert_eq!(over_ssh("https://h.org/o/r.git"), ["git@h.org:o/r", "ssh://git@h.org/o/r"]);
        assert_eq!(over_ssh("/srv/r.git"), Vec::<String>::new());
    }
}
