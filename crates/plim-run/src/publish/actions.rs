//! Well-known actions and reusable workflows that publish, push, deploy or release.

use std::collections::HashMap;
use std::sync::LazyLock;

/// An action that publishes.
struct Known {
    /// `owner/repo`, which stands for every action in it, or `owner/repo/path`; in lower case.
    name: &'static str,
    when: When,
}

/// When it does.
enum When {
    /// Whenever it runs.
    Always,
    /// This input is `true`, or names something.
    With(&'static str),
    /// This input is not `true`.
    Unless(&'static str),
    /// This input has one of these values, or one that is not known.
    Is(&'static str, &'static [&'static str]),
    /// This input holds one of these words, or is not known.
    Says(&'static str, &'static [&'static str]),
}

const fn always(name: &'static str) -> Known {
    Known { name, when: When::Always }
}

const fn with(name: &'static str, input: &'static str) -> Known {
    Known { name, when: When::With(input) }
}

const fn unless(name: &'static str, input: &'static str) -> Known {
    Known { name, when: When::Unless(input) }
}

const KNOWN: &[Known] = &[
    // Releases of forges
    always("softprops/action-gh-release"),
    always("ncipollo/release-action"),
    always("actions/create-release"),
    always("actions/upload-release-asset"),
    always("marvinpinto/action-automatic-releases"),
    always("svenstaro/upload-release-action"),
    always("taiki-e/create-gh-release-action"),
    unless("taiki-e/upload-rust-binary-action", "dry-run"),
    always("release-drafter/release-drafter"),
    always("googleapis/release-please-action"),
    always("google-github-actions/release-please-action"),
    always("cycjimmy/semantic-release-action"),
    always("codfish/semantic-release-action"),
    always("python-semantic-release/python-semantic-release"),
    always("python-semantic-release/publish-action"),
    always("relekang/python-semantic-release"),
    always("changesets/action"),
    always("mathieudutour/github-tag-action"),
    always("anothrnick/github-tag-action"),
    always("rickstaa/action-create-tag"),
    always("elgohr/github-release-action"),
    always("shogo82148/actions-upload-release-asset"),
    always("csexton/release-asset-action"),
    always("comnoco/create-release-action"),
    always("fnkr/github-action-ghr"),
    always("actions/publish-action"),
    always("release-plz/action"),
    always("katyo/publish-crates"),
    // Packages
    always("pypa/gh-action-pypi-publish"),
    Known { name: "pyo3/maturin-action", when: When::Is("command", &["publish", "upload"]) },
    always("js-devtools/npm-publish"),
    always("pascalgn/npm-publish-action"),
    always("jsr-io/publish"),
    always("rubygems/release-gem"),
    always("cadwallion/publish-rubygems-action"),
    always("halaamjed/action-vscode-publish"),
    always("haaleo/publish-vscode-extension"),
    always("lannonbr/vsce-action"),
    always("k-paxian/dart-package-publisher"),
    always("erlef/hex-publish-action"),
    always("brandedoutcast/publish-nuget"),
    always("snapcore/action-publish"),
    always("dawidd6/action-homebrew-bump-formula"),
    always("mislav/bump-homebrew-formula-action"),
    always("vedantmgoyal9/winget-releaser"),
    always("vedantmgoyal2009/winget-releaser"),
    always("ksxgithub/github-actions-deploy-aur"),
    Known { name: "goreleaser/goreleaser-action", when: When::Says("args", &["release"]) },
    // Images
    with("docker/build-push-action", "push"),
    with("docker/bake-action", "push"),
    with("redhat-actions/push-to-registry", "image"),
    always("elgohr/publish-docker-github-action"),
    always("mr-smithers-excellent/docker-build-push"),
    unless("macbre/push-to-ghcr", "dry_run"),
    with("depot/build-push-action", "push"),
    with("depot/bake-action", "push"),
    always("int128/docker-manifest-create-action"),
    always("akhilerm/tag-push-action"),
    always("peter-evans/dockerhub-description"),
    always("christian-korneck/update-container-description-action"),
    always("helm/chart-releaser-action"),
    always("appany/helm-oci-chart-releaser"),
    // Attestations enter a public log.
    always("actions/attest"),
    always("actions/attest-build-provenance"),
    always("actions/attest-sbom"),
    always("sigstore/gh-action-sigstore-python"),
    always("slsa-framework/slsa-github-generator/.github/workflows"),
    // Pages and sites
    always("actions/deploy-pages"),
    always("peaceiris/actions-gh-pages"),
    always("jamesives/github-pages-deploy-action"),
    always("crazy-max/ghaction-github-pages"),
    always("mhausenblas/mkdocs-deploy-gh-pages"),
    always("shalzz/zola-deploy-action"),
    always("cloudflare/pages-action"),
    Known {
        name: "cloudflare/wrangler-action",
        when: When::Says("command", &["deploy", "publish", "upload", "put"]),
    },
    always("amondnet/vercel-action"),
    always("nwtgck/actions-netlify"),
    always("netlify/actions"),
    always("denoland/deployctl"),
    always("firebaseextended/action-hosting-deploy"),
    always("w9jds/firebase-action"),
    always("superfly/flyctl-actions/flyctl"),
    always("akhileshns/heroku-deploy"),
    always("samkirkland/ftp-deploy-action"),
    always("burnett01/rsync-deployments"),
    always("easingthemes/ssh-deploy"),
    always("appleboy/ssh-action"),
    always("appleboy/scp-action"),
    always("cpina/github-action-push-to-another-repository"),
    // Clouds and clusters
    always("azure/webapps-deploy"),
    always("azure/functions-action"),
    always("azure/k8s-deploy"),
    always("azure/static-web-apps-deploy"),
    always("azure/arm-deploy"),
    always("azure/container-apps-deploy-action"),
    always("google-github-actions/deploy-cloudrun"),
    always("google-github-actions/deploy-appengine"),
    always("google-github-actions/deploy-cloud-functions"),
    always("google-github-actions/upload-cloud-storage"),
    always("aws-actions/amazon-ecs-deploy-task-definition"),
    always("aws-actions/aws-cloudformation-github-deploy"),
    always("einaregilsson/beanstalk-deploy"),
    always("jakejarvis/s3-sync-action"),
    always("reggionick/s3-deploy"),
    always("chetan/invalidate-cloudfront-action"),
    Known {
        name: "pulumi/actions",
        when: When::Is("command", &["up", "update", "destroy", "refresh"]),
    },
    Known {
        name: "burrunan/gradle-cache-action",
        when: When::Says("arguments", &["publish", "deploy"]),
    },
    Known {
        name: "gradle/gradle-build-action",
        when: When::Says("arguments", &["publish", "deploy"]),
    },
    // What writes into a repository
    always("stefanzweifel/git-auto-commit-action"),
    always("endbug/add-and-commit"),
    always("ad-m/github-push-action"),
    always("peter-evans/create-pull-request"),
    always("peter-evans/create-or-update-comment"),
    always("peter-evans/repository-dispatch"),
    always("benc-uk/workflow-dispatch"),
    always("marocchino/sticky-pull-request-comment"),
    always("thollander/actions-comment-pull-request"),
    always("actions/stale"),
    always("actions/labeler"),
    always("actions/first-interaction"),
    always("actions/delete-package-versions"),
    always("actions/add-to-project"),
    always("dessant/lock-threads"),
    always("pascalgn/automerge-action"),
    always("korthout/backport-action"),
    always("tibdex/backport"),
    always("repo-sync/pull-request"),
    always("devops-infra/action-pull-request"),
    always("devops-infra/action-commit-push"),
    // Words to people
    always("8398a7/action-slack"),
    always("slackapi/slack-github-action"),
    always("rtcamp/action-slack-notify"),
    always("sarisia/actions-status-discord"),
    always("dawidd6/action-send-mail"),
];

static BY_REPOSITORY: LazyLock<HashMap<&'static str, Vec<&'static Known>>> = LazyLock::new(|| {
    let mut map: HashMap<&str, Vec<&Known>> = HashMap::new();
    for known in KNOWN {
        map.entry(repository(known.name)).or_default().push(known);
    }
    map
});

/// `owner/repo` of `owner/repo/path`.
fn repository(name: &str) -> &str {
    let end = name.match_indices('/').nth(1).map_or(name.len(), |(at, _)| at);
    &name[..end]
}

/// Whether `owner/repo[/path]` publishes when it is called with inputs that `input` looks up.
///
/// `input` answers `None` for an input that is not given, and `Some(None)` for a value that is not known yet, which is
/// taken for one that publishes.
pub fn action(name: &str, input: &dyn Fn(&str) -> Option<Option<String>>) -> bool {
    let name = name.to_ascii_lowercase();
    let covers = |known: &&&Known| {
        name.strip_prefix(known.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let of_repository = BY_REPOSITORY.get(repository(&name)).map(Vec::as_slice).unwrap_or_default();
    of_repository.iter().find(covers).is_some_and(|known| known.when.holds(input))
}

impl When {
    fn holds(&self, input: &dyn Fn(&str) -> Option<Option<String>>) -> bool {
        let is = |name: &str, wanted: &dyn Fn(&str) -> bool, absent: bool| match input(name) {
            None => absent,
            Some(None) => true,
            Some(Some(value)) => wanted(value.trim()),
        };
        let off = |value: &str| matches!(value.to_ascii_lowercase().as_str(), "" | "false");
        match self {
            Self::Always => true,
            Self::With(name) => is(name, &|value| !off(value), false),
            Self::Unless(name) => is(name, &|value| off(value), true),
            Self::Is(name, values) => is(name, &|value| values.contains(&value), false),
            Self::Says(name, words) => is(
                name,
                &|value| {
                    value.split(|c: char| !c.is_alphanumeric()).any(|w| words.contains(&w))
                        && !["--snapshot", "--dry-run"].iter().any(|dry| value.contains(dry))
                },
                false,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publishes(name: &str, inputs: &[(&str, Option<&str>)]) -> bool {
        action(name, &|wanted| {
            let given = inputs.iter().find(|(name, _)| *name == wanted)?;
            Some(given.1.map(str::to_owned))
        })
    }

    #[test]
    fn well_known_actions_are_found_in_any_case_and_folder() {
        assert!(publishes("softprops/action-gh-release", &[]));
        assert!(publishes("JamesIves/github-pages-deploy-action", &[]));
        assert!(publishes("slsa-framework/slsa-github-generator/.github/workflows/x.yml", &[]));
        assert!(!publishes("actions/checkout", &[]));
        assert!(!publishes("softprops/action-gh-release-notes", &[]));
    }

    #[test]
    fn inputs_decide_where_an_action_can_do_both() {
        let image = "docker/build-push-action";
        assert!(!publishes(image, &[]));
        assert!(!publishes(image, &[("push", Some("false"))]));
        assert!(publishes(image, &[("push", Some("true"))]));
        assert!(publishes(image, &[("push", None)]));
        let goreleaser = "goreleaser/goreleaser-action";
        assert!(publishes(goreleaser, &[("args", Some("release --clean"))]));
        assert!(!publishes(goreleaser, &[("args", Some("release --snapshot --clean"))]));
        assert!(!publishes(goreleaser, &[("args", Some("check"))]));
        let upload = "taiki-e/upload-rust-binary-action";
        assert!(publishes(upload, &[]));
        assert!(!publishes(upload, &[("dry-run", Some("true"))]));
    }

    #[test]
    fn names_are_in_lower_case_so_that_they_can_be_found() {
        for known in KNOWN {
            assert_eq!(known.name, known.name.to_ascii_lowercase());
        }
    }
}
