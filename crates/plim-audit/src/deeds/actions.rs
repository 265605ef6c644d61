//! What a well-known action does.

use super::{Act, Registry};

/// Lower-case names of actions, of which folders count too, and what each does.
const ROWS: &[(&str, Act)] = &[
    ("softprops/action-gh-release", Act::Release),
    ("ncipollo/release-action", Act::Release),
    ("actions/create-release", Act::Release),
    ("taiki-e/create-gh-release-action", Act::Release),
    ("marvinpinto/action-automatic-releases", Act::Release),
    ("elgohr/github-release-action", Act::Release),
    ("goreleaser/goreleaser-action", Act::Release),
    ("taiki-e/upload-rust-binary-action", Act::Upload),
    ("svenstaro/upload-release-action", Act::Upload),
    ("actions/upload-release-asset", Act::Upload),
    ("alexellis/upload-assets", Act::Upload),
    ("shogo82148/actions-upload-release-asset", Act::Upload),
    ("google-github-actions/release-please-action", Act::Propose),
    ("googleapis/release-please-action", Act::Propose),
    ("release-plz/action", Act::Propose),
    ("changesets/action", Act::Propose),
    ("release-drafter/release-drafter", Act::Propose),
    ("cycjimmy/semantic-release-action", Act::Publish(Registry::Npm)),
    ("js-devtools/npm-publish", Act::Publish(Registry::Npm)),
    ("pypa/gh-action-pypi-publish", Act::Publish(Registry::PyPi)),
    ("katyo/publish-crates", Act::Publish(Registry::Crates)),
    ("rubygems/release-gem", Act::Publish(Registry::Other)),
    ("jsr-io/publish", Act::Publish(Registry::Other)),
    ("haaleo/publish-vscode-extension", Act::Publish(Registry::Other)),
    ("snapcore/action-publish", Act::Publish(Registry::Other)),
    ("docker/build-push-action", Act::Publish(Registry::Image)),
    ("docker/bake-action", Act::Publish(Registry::Image)),
    ("depot/build-push-action", Act::Publish(Registry::Image)),
    ("redhat-actions/push-to-registry", Act::Publish(Registry::Image)),
    ("helm/chart-releaser-action", Act::Publish(Registry::Other)),
    ("dawidd6/action-homebrew-bump-formula", Act::Publish(Registry::Downstream)),
    ("mislav/bump-homebrew-formula-action", Act::Publish(Registry::Downstream)),
    ("vedantmgoyal9/winget-releaser", Act::Publish(Registry::Downstream)),
    ("vedantmgoyal2009/winget-releaser", Act::Publish(Registry::Downstream)),
    ("ksxgithub/github-actions-deploy-aur", Act::Publish(Registry::Downstream)),
    ("actions/attest", Act::Attest),
    ("actions/attest-build-provenance", Act::Attest),
    ("actions/attest-sbom", Act::Attest),
    ("slsa-framework/slsa-github-generator/.github/workflows", Act::Attest),
    ("sigstore/gh-action-sigstore-python", Act::Sign),
    ("crazy-max/ghaction-import-gpg", Act::Sign),
    ("actions/deploy-pages", Act::Pages),
    ("peaceiris/actions-gh-pages", Act::Pages),
    ("jamesives/github-pages-deploy-action", Act::Pages),
    ("cloudflare/pages-action", Act::Pages),
    ("cloudflare/wrangler-action", Act::Deploy),
    ("amondnet/vercel-action", Act::Deploy),
    ("nwtgck/actions-netlify", Act::Deploy),
    ("firebaseextended/action-hosting-deploy", Act::Deploy),
    ("azure/webapps-deploy", Act::Deploy),
    ("azure/k8s-deploy", Act::Deploy),
    ("google-github-actions/deploy-cloudrun", Act::Deploy),
    ("aws-actions/amazon-ecs-deploy-task-definition", Act::Deploy),
    ("appleboy/ssh-action", Act::Deploy),
    ("peter-evans/repository-dispatch", Act::Dispatch),
    ("benc-uk/workflow-dispatch", Act::Dispatch),
    ("slackapi/slack-github-action", Act::Announce),
    ("8398a7/action-slack", Act::Announce),
    ("sarisia/actions-status-discord", Act::Announce),
];

/// What one input says.
pub(super) enum Given<'a> {
    /// It is not given.
    No,
    /// A text.
    Text(&'a str),
    /// What an expression gives.
    Computed,
}

/// What the action called `name` does with the inputs that `input` looks up.
pub(super) fn act<'a>(name: &str, input: &dyn Fn(&str) -> Given<'a>) -> Option<Act> {
    let name = name.to_ascii_lowercase();
    let covers = |known: &str| {
        name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let act = ROWS.iter().find(|(known, _)| covers(known))?.1;
    let on = |key: &str| matches!(input(key), Given::Text(text) if text.trim() != "false");
    let off = |key: &str| matches!(input(key), Given::No | Given::Text("false" | ""));
    match act {
        Act::Release if name.starts_with("goreleaser/") => goreleaser(input("args")),
        Act::Release if on("draft") => Some(Act::Draft),
        Act::Publish(Registry::Image)
            if name.starts_with("docker/") || name.starts_with("depot/") =>
        {
            Some(if off("push") { Act::Build } else { act })
        }
        Act::Publish(_) if on("dry-run") || on("dry_run") => None,
        // It takes an index for trying out.
        Act::Publish(Registry::PyPi) if matches!(input("repository-url"), Given::Text(url) if url.contains("test.pypi")) => {
            None
        }
        act => Some(act),
    }
}

fn goreleaser(args: Given<'_>) -> Option<Act> {
    // Computed arguments may only try.
    let Given::Text(args) = args else { return None };
    let tries = ["--snapshot", "--skip=publish", "--skip-publish", "--help"];
    let releases = args.split_whitespace().any(|word| word == "release")
        && !tries.iter().any(|option| args.contains(option));
    Some(if releases { Act::Release } else { Act::Build })
}
