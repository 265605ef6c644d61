//! Commands that publish, push, sign or release; those that deploy stand in `deployments.rs`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{deployments, judges};
use crate::script::{Invoked, Word};

/// A command that publishes.
pub(super) struct Detector {
    /// The program and its subcommands: `cargo publish`.
    pub(super) call: &'static str,
    /// Any of these options makes it harmless.
    pub(super) unless: &'static [&'static str],
    /// What else must be so.
    pub(super) when: When,
}

/// What else must be so for a command to publish.
pub(super) enum When {
    /// Nothing.
    Always,
    /// One of these options is there.
    With(&'static [&'static str]),
    /// This says so of what comes after the subcommands.
    Judged(fn(&[Word]) -> bool),
}

pub(super) const fn call(call: &'static str) -> Detector {
    Detector { call, unless: DRY, when: When::Always }
}

pub(super) const fn unless(call: &'static str, unless: &'static [&'static str]) -> Detector {
    Detector { call, unless, when: When::Always }
}

pub(super) const fn with(call: &'static str, options: &'static [&'static str]) -> Detector {
    Detector { call, unless: DRY, when: When::With(options) }
}

pub(super) const fn judged(call: &'static str, judge: fn(&[Word]) -> bool) -> Detector {
    Detector { call, unless: DRY, when: When::Judged(judge) }
}

/// Options that only try; a longer list replaces it where a program has names of its own.
pub(super) const DRY: &[&str] = &["--dry-run", "--dryrun", "--help", "-h", "--version"];
pub(super) const DRY_N: &[&str] = &["--dry-run", "-n", "--help", "-h"];
pub(super) const WHAT_IF: &[&str] = &["--what-if", "--dry-run", "--help", "-h"];

const DETECTORS: &[Detector] = &[
    // Rust
    unless("cargo publish", DRY_N),
    call("cargo yank"),
    call("cargo owner"),
    with("cargo release", &["--execute", "-x"]),
    with("cargo smart-release", &["--execute", "-e"]),
    call("cargo workspaces publish"),
    call("cargo ws publish"),
    call("cargo mono publish"),
    call("cargo unleash em-dragons"),
    with("cargo-release release", &["--execute", "-x"]),
    call("cargo xtask publish"),
    call("cargo xtask release"),
    call("cargo xtask deploy"),
    call("release-plz release"),
    call("release-plz release-pr"),
    with("dist host", &["--steps"]),
    call("maturin publish"),
    call("maturin upload"),
    call("wasm-pack publish"),
    // JavaScript
    call("npm publish"),
    call("npm unpublish"),
    call("npm deprecate"),
    call("npm dist-tag add"),
    call("pnpm publish"),
    call("pnpm changeset publish"),
    call("yarn publish"),
    call("yarn npm publish"),
    call("yarn changeset publish"),
    call("bun publish"),
    call("lerna publish"),
    call("changeset publish"),
    call("changeset tag"),
    call("@changesets/cli publish"),
    call("changelogen --publish"),
    unless("semantic-release", &["--dry-run", "-d", "--help", "--version"]),
    call("release-it"),
    call("np"),
    call("shipjs trigger"),
    call("nx release"),
    call("beachball publish"),
    call("auto shipit"),
    call("auto release"),
    call("auto canary"),
    call("rush publish"),
    call("jsr publish"),
    call("deno publish"),
    call("vsce publish"),
    call("@vscode/vsce publish"),
    call("ovsx publish"),
    call("web-ext sign"),
    call("chrome-webstore-upload"),
    call("gh-pages"),
    call("surge"),
    // Python
    call("twine upload"),
    call("uv publish"),
    call("poetry publish"),
    call("hatch publish"),
    call("pdm publish"),
    call("flit publish"),
    call("rye publish"),
    call("setup.py upload"),
    call("anaconda upload"),
    call("semantic-release publish"),
    call("semantic-release version"),
    call("mkdocs gh-deploy"),
    with("mike deploy", &["--push", "-p"]),
    with("ghp-import", &["--push", "-p"]),
    // Go
    unless(
        "goreleaser",
        &["--snapshot", "--skip", "--skip-publish", "check", "build", "--help", "-h"],
    ),
    call("ko publish"),
    call("ko apply"),
    call("ko resolve"),
    unless("ko build", &["--local", "-L", "--push", "--help"]),
    // Java and kin
    judged("mvn", judges::maven),
    judged("mvnw", judges::maven),
    judged("gradle", judges::gradle),
    judged("gradlew", judges::gradle),
    judged("sbt", judges::sbt),
    call("jreleaser"),
    call("lein deploy"),
    // Others
    call("gem push"),
    call("rake release"),
    call("dotnet nuget push"),
    call("nuget push"),
    call("Publish-Module"),
    call("Publish-PSResource"),
    call("mix hex.publish"),
    with("cabal upload", &["--publish"]),
    call("stack upload"),
    call("dart pub publish"),
    call("flutter pub publish"),
    call("pod trunk push"),
    call("luarocks upload"),
    call("cpan-upload"),
    call("opam publish"),
    call("dune-release"),
    call("conan upload"),
    call("snapcraft upload"),
    call("snapcraft push"),
    call("snapcraft release"),
    call("choco push"),
    call("wingetcreate submit"),
    with("wingetcreate update", &["--submit", "-s"]),
    call("brew bump-formula-pr"),
    call("brew bump-cask-pr"),
    call("dput"),
    call("copr-cli build"),
    call("copr build"),
    call("cloudsmith push"),
    call("package_cloud push"),
    call("jf rt upload"),
    call("jf rt u"),
    call("jfrog rt upload"),
    call("jfrog rt u"),
    call("jf rt bp"),
    call("fastlane deliver"),
    call("fastlane pilot"),
    call("fastlane supply"),
    call("fastlane release"),
    call("fastlane deploy"),
    call("xcrun altool --upload-app"),
    call("butler push"),
    call("tfx extension publish"),
    call("sentry-cli releases"),
    call("sentry-cli sourcemaps upload"),
    call("sentry-cli debug-files upload"),
    // git and forges
    unless("git push", DRY_N),
    unless("git send-email", DRY),
    unless("git send-pack", DRY),
    call("git svn dcommit"),
    judged("git lfs", judges::git_lfs),
    call("jj git push"),
    call("gh release create"),
    call("gh release upload"),
    call("gh release edit"),
    call("gh release delete"),
    call("gh release delete-asset"),
    judged("gh api", judges::gh_api),
    call("gh pr create"),
    call("gh pr merge"),
    call("gh pr comment"),
    call("gh pr edit"),
    call("gh pr close"),
    call("gh pr review"),
    call("gh pr ready"),
    call("gh issue create"),
    call("gh issue comment"),
    call("gh issue edit"),
    call("gh issue close"),
    call("gh issue delete"),
    call("gh label create"),
    call("gh repo create"),
    call("gh repo delete"),
    call("gh repo edit"),
    call("gh repo sync"),
    call("gh gist create"),
    call("gh secret set"),
    call("gh variable set"),
    call("gh workflow run"),
    call("gh workflow enable"),
    call("gh workflow disable"),
    call("gh run rerun"),
    call("gh run cancel"),
    call("gh cache delete"),
    call("hub release create"),
    call("hub release edit"),
    call("hub pull-request"),
    call("hub push"),
    call("glab release create"),
    call("glab release upload"),
    call("glab mr create"),
    call("tea release create"),
    call("tea releases create"),
    call("github-release"),
    call("ghr"),
    call("release-cli create"),
    call("release-please release-pr"),
    call("release-please github-release"),
    // Containers
    call("docker push"),
    call("docker image push"),
    call("docker manifest push"),
    call("docker compose push"),
    call("docker-compose push"),
    call("docker stack deploy"),
    judged("docker build", judges::pushes_image),
    judged("docker buildx build", judges::pushes_image),
    with("docker buildx bake", &["--push"]),
    call("docker buildx imagetools create"),
    call("podman push"),
    call("podman manifest push"),
    call("buildah push"),
    call("nerdctl push"),
    judged("skopeo copy", judges::skopeo_copy),
    call("skopeo sync"),
    call("skopeo delete"),
    call("crane push"),
    call("crane copy"),
    call("crane cp"),
    call("crane tag"),
    call("crane append"),
    call("crane mutate"),
    call("crane delete"),
    call("regctl image copy"),
    call("regctl image import"),
    call("oras push"),
    call("oras copy"),
    call("oras cp"),
    call("oras attach"),
    call("oras tag"),
    // A signature enters a public log.
    call("cosign sign"),
    call("cosign sign-blob"),
    call("cosign attest"),
    call("cosign attest-blob"),
    call("cosign upload"),
    call("cosign attach"),
    call("cosign copy"),
    call("gitsign attest"),
    call("imgpkg push"),
    call("pack build --publish"),
    call("apko publish"),
];

static BY_PROGRAM: LazyLock<HashMap<&'static str, Vec<&'static Detector>>> = LazyLock::new(|| {
    let mut map: HashMap<&str, Vec<&Detector>> = HashMap::new();
    for detector in DETECTORS.iter().chain(deployments::DETECTORS) {
        let program = detector.call.split(' ').next().unwrap_or_default();
        map.entry(program).or_default().push(detector);
    }
    map
});

/// Whether a command publishes, pushes, deploys or releases.
pub fn command(invoked: &Invoked) -> bool {
    let detectors = BY_PROGRAM.get(invoked.name()).map(Vec::as_slice).unwrap_or_default();
    detectors.iter().any(|detector| detector.fits(invoked.arguments()))
}

impl Detector {
    fn fits(&self, arguments: &[Word]) -> bool {
        let subcommands: Vec<&str> = self.call.split(' ').skip(1).collect();
        let Some(rest) = after(arguments, &subcommands) else { return false };
        if self.unless.iter().any(|option| has(arguments, option)) {
            return false;
        }
        match self.when {
            When::Always => true,
            When::With(options) => options.iter().any(|option| has(arguments, option)),
            When::Judged(judge) => judge(rest),
        }
    }
}

/// What follows the subcommands, between which options with at most one value each may stand.
fn after<'w>(words: &'w [Word], subcommands: &[&str]) -> Option<&'w [Word]> {
    let mut words = words;
    for subcommand in subcommands {
        loop {
            let (first, rest) = words.split_first()?;
            words = rest;
            if first.text == *subcommand {
                break;
            }
            let is_option = first.text.starts_with('-') || first.text.starts_with('+');
            if !is_option {
                return None;
            }
            let takes_value = first.text.starts_with('-') && !first.text.contains('=');
            let value = words.first().filter(|_| takes_value);
            // `--quiet push`: what could be a value is the subcommand.
            if value.is_some_and(|value| !value.text.starts_with('-') && value.text != *subcommand)
                && words.get(1).is_some()
            {
                words = &words[1..];
            }
        }
    }
    Some(words)
}

/// Whether an option is given, and not as `--option=false`.
pub(super) fn has(words: &[Word], option: &str) -> bool {
    words.iter().any(|word| match word.text.strip_prefix(option) {
        Some("") => true,
        Some(value) => value
            .strip_prefix('=')
            .is_some_and(|value| !matches!(value, "false" | "none" | "no" | "0")),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::script::Script;

    fn publishes(script: &str) -> bool {
        Script::read(script).programs().iter().any(super::command)
    }

    #[test]
    fn what_publishes_is_found_however_it_is_written() {
        for script in [
            "cargo publish",
            "cargo +nightly publish -p x --no-verify",
            "cargo --config net.retry=3 publish",
            "$CARGO publish",
            "if [ -n \"$X\" ]; then\n  cargo publish --token \"$T\"\nfi",
            "for crate in a b; do (cd $crate && cargo publish); done",
            "npm publish --access public",
            "npm --workspace x publish",
            "npx semantic-release@19",
            "pnpm -r publish --no-git-checks",
            "yarn npm publish",
            "uv publish",
            "python -m twine upload dist/*",
            "git push origin HEAD:main",
            "git -C site push --force",
            "git -c user.name=x --no-pager push",
            "gh release create v1 dist/*",
            "gh api -X POST repos/o/r/releases",
            "gh api repos/o/r/issues -f title=x",
            "docker push ghcr.io/o/r:1",
            "docker buildx build --push .",
            "docker build --output type=registry .",
            "helm --namespace x upgrade a b",
            "terraform -chdir=infra apply -auto-approve",
            "kubectl -n prod apply -f x.yml",
            "aws s3 sync public s3://bucket --delete",
            "aws --region eu s3 cp x s3://bucket/x",
            "gsutil -m cp -r x gs://bucket",
            "rsync -az public/ deploy@example.com:/var/www",
            "scp x.tar.gz host:/srv",
            "ssh deploy@example.com ./restart",
            "curl -X POST https://example.com/hook",
            "curl --upload-file x https://example.com/x",
            "./gradlew publishToSonatype",
            "mvn -B deploy",
            "goreleaser release --clean",
            "vercel --prod",
            "wrangler pages deploy dist",
            "skopeo copy oci:x docker://ghcr.io/o/r",
            "bash -c 'cargo publish'",
            "ko build --push=false . ; ko publish .",
            "cargo release --execute",
        ] {
            assert!(publishes(script), "{script}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_not() {
        for script in [
            "echo \"cargo publish\"",
            "# git push",
            "cargo publish --dry-run",
            "cargo publish -n",
            "npm publish --dry-run",
            "git push --dry-run origin main",
            "git commit -m push",
            "git log --grep push",
            "cat <<EOF\ngit push\nEOF",
            "cargo test publish",
            "cargo build --bin publish",
            "gh api repos/o/r/releases/latest",
            "gh api graphql -f query='query { viewer { login } }'",
            "gh release download v1",
            "gh pr view",
            "docker build -t x .",
            "docker buildx build --load .",
            "docker pull x",
            "terraform plan",
            "kubectl get pods",
            "kubectl apply --dry-run=client -f x",
            "aws s3 cp s3://bucket/x .",
            "gsutil cp gs://bucket/x .",
            "rsync -a src/ dst/",
            "rsync -a host:/x dst/",
            "scp host:/x .",
            "ssh -T git@github.com",
            "curl -sSfL https://example.com/install.sh",
            "curl -X POST http://localhost:8080/test",
            "./gradlew build publishToMavenLocal",
            "mvn verify",
            "goreleaser release --snapshot",
            "goreleaser check",
            "vercel build",
            "skopeo copy docker://x oci:y",
            "semantic-release --dry-run",
            "cargo release patch",
            "npm run build",
            "ansible-playbook --check site.yml",
        ] {
            assert!(!publishes(script), "{script}");
        }
    }

    #[test]
    fn a_dry_run_that_may_be_off_counts_as_off() {
        assert!(publishes("cargo publish $DRY_RUN"));
        assert!(publishes("kubectl apply --dry-run=none -f x"));
        assert!(publishes("npm publish --dry-run=false"));
    }
}
