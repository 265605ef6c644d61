//! What a command of a script does, by its name and arguments.

use std::collections::HashMap;
use std::sync::LazyLock;

use plim_workflow::script::{Invoked, Word};

use super::{Act, Registry};

/// One kind of command.
struct Row {
    /// The program and its subcommands.
    call: &'static str,
    /// What it does.
    act: Act,
    /// What else must be so of the words behind the subcommands.
    when: When,
}

enum When {
    /// It does not only try.
    Always,
    /// One of these options is there.
    With(&'static [&'static str]),
    /// This says so.
    Judged(fn(&[Word]) -> bool),
}

const fn row(call: &'static str, act: Act) -> Row {
    Row { call, act, when: When::Always }
}

const fn with(call: &'static str, options: &'static [&'static str], act: Act) -> Row {
    Row { call, act, when: When::With(options) }
}

const fn judged(call: &'static str, judge: fn(&[Word]) -> bool, act: Act) -> Row {
    Row { call, act, when: When::Judged(judge) }
}

const CRATES: Act = Act::Publish(Registry::Crates);
const NPM: Act = Act::Publish(Registry::Npm);
const PYPI: Act = Act::Publish(Registry::PyPi);
const IMAGE: Act = Act::Publish(Registry::Image);
const OTHER: Act = Act::Publish(Registry::Other);
const DOWNSTREAM: Act = Act::Publish(Registry::Downstream);

/// The first row that fits decides.
const ROWS: &[Row] = &[
    // Packages
    row("cargo publish", CRATES),
    row("cargo workspaces publish", CRATES),
    row("cargo ws publish", CRATES),
    judged("cargo release", releases_crates, CRATES),
    with("cargo smart-release", &["--execute", "-e"], CRATES),
    row("release-plz release", CRATES),
    row("npm publish", NPM),
    row("pnpm publish", NPM),
    row("yarn publish", NPM),
    row("yarn npm publish", NPM),
    row("bun publish", NPM),
    row("lerna publish", NPM),
    row("changeset publish", NPM),
    row("semantic-release", NPM),
    row("twine upload", PYPI),
    row("uv publish", PYPI),
    row("poetry publish", PYPI),
    row("flit publish", PYPI),
    row("hatch publish", PYPI),
    row("pdm publish", PYPI),
    row("maturin publish", PYPI),
    row("maturin upload", PYPI),
    row("gem push", OTHER),
    row("dotnet nuget push", OTHER),
    row("nuget push", OTHER),
    row("vsce publish", OTHER),
    row("ovsx publish", OTHER),
    row("deno publish", OTHER),
    row("jsr publish", OTHER),
    row("dart pub publish", OTHER),
    row("flutter pub publish", OTHER),
    row("mix hex.publish", OTHER),
    row("snapcraft upload", OTHER),
    judged("mvn", maven_deploys, OTHER),
    judged("mvnw", maven_deploys, OTHER),
    judged("gradle", gradle_publishes, OTHER),
    judged("gradlew", gradle_publishes, OTHER),
    row("docker push", IMAGE),
    row("docker image push", IMAGE),
    row("docker manifest push", IMAGE),
    row("podman push", IMAGE),
    row("buildah push", IMAGE),
    with("docker buildx build", &["--push"], IMAGE),
    with("docker buildx bake", &["--push"], IMAGE),
    with("docker build", &["--push"], IMAGE),
    row("docker buildx imagetools create", IMAGE),
    row("crane push", IMAGE),
    row("crane copy", IMAGE),
    row("crane tag", IMAGE),
    row("oras push", IMAGE),
    row("helm push", IMAGE),
    row("brew bump-formula-pr", DOWNSTREAM),
    row("brew bump-cask-pr", DOWNSTREAM),
    row("wingetcreate update", DOWNSTREAM),
    // Releases
    with("gh release create", &["--draft", "-d"], Act::Draft),
    row("gh release create", Act::Release),
    judged("gh release edit", undrafts, Act::Release),
    judged("gh api", undrafts_by_request, Act::Release),
    judged("curl", undrafts_by_request, Act::Release),
    row("gh release upload", Act::Upload),
    row("goreleaser release", Act::Release),
    row("goreleaser", Act::Build),
    row("ghr", Act::Release),
    // Signatures and hashes
    row("cosign sign", Act::Sign),
    row("cosign sign-blob", Act::Sign),
    row("cosign attest", Act::Attest),
    row("cosign attest-blob", Act::Attest),
    row("cosign verify", Act::ReadBack),
    row("cosign verify-attestation", Act::ReadBack),
    row("minisign", Act::Sign),
    judged("codesign", has_an_identity, Act::Sign),
    row("signtool", Act::Sign),
    row("rpmsign", Act::Sign),
    row("rpm", Act::Build),
    row("jarsigner", Act::Sign),
    row("xcrun notarytool submit", Act::Sign),
    with(
        "gpg",
        &["--detach-sign", "--detach-sig", "-b", "--sign", "-s", "--clearsign", "-ab", "-sb"],
        Act::Sign,
    ),
    row("sha256sum", Act::Checksum),
    row("sha512sum", Act::Checksum),
    row("shasum", Act::Checksum),
    row("b3sum", Act::Checksum),
    row("b2sum", Act::Checksum),
    row("openssl dgst", Act::Checksum),
    // Git
    judged("git push", pushes_a_tag, Act::PushTag),
    row("git push", Act::PushCommit),
    // Looking at what is out there
    row("npm view", Act::ReadBack),
    row("npm info", Act::ReadBack),
    row("cargo info", Act::ReadBack),
    row("cargo search", Act::ReadBack),
    row("pip download", Act::ReadBack),
    row("pip index", Act::ReadBack),
    row("docker pull", Act::ReadBack),
    row("docker run", Act::ReadBack),
    row("docker manifest inspect", Act::ReadBack),
    row("docker buildx imagetools inspect", Act::ReadBack),
    row("crane digest", Act::ReadBack),
    row("crane manifest", Act::ReadBack),
    row("skopeo inspect", Act::ReadBack),
    row("gh release view", Act::ReadBack),
    row("gh release download", Act::ReadBack),
    row("gh attestation verify", Act::ReadBack),
    row("kubectl rollout status", Act::ReadBack),
    row("kubectl wait", Act::ReadBack),
    row("kubectl get", Act::ReadBack),
    row("helm test", Act::ReadBack),
    row("helm status", Act::ReadBack),
    row("argocd app wait", Act::ReadBack),
    // Deployments
    row("kubectl apply", Act::Deploy),
    row("kubectl set image", Act::Deploy),
    row("kubectl rollout restart", Act::Deploy),
    row("kubectl patch", Act::Deploy),
    row("helm upgrade", Act::Deploy),
    row("helm install", Act::Deploy),
    row("helmfile apply", Act::Deploy),
    row("argocd app sync", Act::Deploy),
    row("terraform apply", Act::Deploy),
    row("tofu apply", Act::Deploy),
    row("pulumi up", Act::Deploy),
    row("cdk deploy", Act::Deploy),
    row("sam deploy", Act::Deploy),
    row("serverless deploy", Act::Deploy),
    row("vercel deploy", Act::Deploy),
    with("vercel", &["--prod"], Act::Deploy),
    row("netlify deploy", Act::Deploy),
    row("wrangler deploy", Act::Deploy),
    row("wrangler publish", Act::Deploy),
    row("wrangler pages deploy", Act::Pages),
    row("firebase deploy", Act::Deploy),
    row("fly deploy", Act::Deploy),
    row("flyctl deploy", Act::Deploy),
    row("heroku container:release", Act::Deploy),
    row("gcloud run deploy", Act::Deploy),
    row("gcloud app deploy", Act::Deploy),
    row("gcloud functions deploy", Act::Deploy),
    row("aws ecs update-service", Act::Deploy),
    row("aws lambda update-function-code", Act::Deploy),
    row("aws cloudformation deploy", Act::Deploy),
    judged("aws s3 sync", to_bucket, Act::Deploy),
    judged("aws s3 cp", to_bucket, Act::Deploy),
    judged("gsutil cp", to_bucket, Act::Deploy),
    judged("gsutil rsync", to_bucket, Act::Deploy),
    row("mkdocs gh-deploy", Act::Pages),
    row("mike deploy", Act::Pages),
    // Other workflows
    row("gh workflow run", Act::Dispatch),
    judged("gh api", sets_a_status, Act::SetStatus),
    judged("curl", sets_a_status, Act::SetStatus),
    judged("gh api", dispatches, Act::Dispatch),
    judged("curl", dispatches, Act::Dispatch),
    judged("curl", announces, Act::Announce),
    judged("curl", only_reads, Act::ReadBack),
    // Code
    row("cargo test", Act::Test),
    row("cargo nextest", Act::Test),
    row("cargo hack", Act::Test),
    row("cargo clippy", Act::Lint),
    row("cargo check", Act::Lint),
    row("cargo fmt", Act::Lint),
    row("cargo deny", Act::Lint),
    row("cargo audit", Act::Lint),
    row("cargo semver-checks", Act::Lint),
    row("cargo build", Act::Build),
    row("cargo zigbuild", Act::Build),
    row("cross build", Act::Build),
    row("cross test", Act::Test),
    row("npm test", Act::Test),
    row("npm t", Act::Test),
    judged("npm run", names_a_test, Act::Test),
    judged("pnpm", names_a_test, Act::Test),
    judged("yarn", names_a_test, Act::Test),
    judged("bun", names_a_test, Act::Test),
    judged("make", names_a_test, Act::Test),
    judged("just", names_a_test, Act::Test),
    judged("task", names_a_test, Act::Test),
    judged("deno task", names_a_test, Act::Test),
    judged("deno", names_a_test, Act::Test),
    judged("gradle", names_a_test, Act::Test),
    judged("gradlew", names_a_test, Act::Test),
    judged("mvn", names_a_test, Act::Test),
    judged("mvnw", names_a_test, Act::Test),
    judged("dotnet", names_a_test, Act::Test),
    judged("zig", names_a_test, Act::Test),
    judged("bazel", names_a_test, Act::Test),
    judged("cmake", names_a_test, Act::Test),
    judged("meson", names_a_test, Act::Test),
    judged("swift", names_a_test, Act::Test),
    judged("mix", names_a_test, Act::Test),
    judged("rake", names_a_test, Act::Test),
    row("ctest", Act::Test),
    row("pytest", Act::Test),
    row("tox", Act::Test),
    row("nox", Act::Test),
    row("unittest", Act::Test),
    row("rspec", Act::Test),
    row("vitest", Act::Test),
    row("jest", Act::Test),
    row("go test", Act::Test),
    row("gotestsum", Act::Test),
    row("go vet", Act::Lint),
    row("golangci-lint", Act::Lint),
    row("eslint", Act::Lint),
    row("ruff", Act::Lint),
    row("mypy", Act::Lint),
    row("twine check", Act::Lint),
    row("pre-commit", Act::Lint),
    row("go build", Act::Build),
    row("docker build", Act::Build),
    row("docker buildx build", Act::Build),
    row("maturin build", Act::Build),
    row("npm run", Act::Build),
    row("uv build", Act::Build),
    row("poetry build", Act::Build),
    row("hatch build", Act::Build),
    row("build", Act::Build),
    row("deno compile", Act::Build),
    row("make", Act::Build),
];

/// Options with which a command only tries, or answers a question.
const ONLY_TRIES: [&str; 6] =
    ["--dry-run", "--dryrun", "--snapshot", "--help", "--version", "--skip=publish"];

/// What a command does, if that is known.
pub(super) fn act(invoked: &Invoked) -> Option<Act> {
    let words = invoked.arguments();
    let tries = || words.iter().any(|word| ONLY_TRIES.contains(&word.text.as_str()));
    if of_program(invoked.name()).is_empty() {
        return None;
    }
    // A registry of the job's own is part of a test; `helm/kind-action` names its own in this variable.
    const OWN: [&str; 3] = ["127.0.0.1", "//localhost", "$LOCAL_REGISTRY"];
    let own = |word: &str| word.starts_with("localhost:") || OWN.iter().any(|it| word.contains(it));
    if any(words, own) {
        return None;
    }
    let row = of_program(invoked.name()).iter().find(|row| row.fits(words))?;
    let only_tries = tries() || (row.call == "cargo publish" && has(words, "-n"));
    match row.act {
        act if act.publishes() && only_tries => Some(Act::Lint),
        act if act.ships() && only_tries => None,
        act => Some(act),
    }
}

/// The rows about the program `name`, in their order.
fn of_program(name: &str) -> &'static [&'static Row] {
    static TABLE: LazyLock<HashMap<&str, Vec<&Row>>> = LazyLock::new(|| {
        let mut table: HashMap<&str, Vec<&Row>> = HashMap::new();
        for row in ROWS {
            let program = row.call.split(' ').next().unwrap_or("");
            table.entry(program).or_default().push(row);
        }
        table
    });
    TABLE.get(name).map_or(&[], Vec::as_slice)
}

impl Row {
    /// Whether it speaks of its program with these arguments.
    fn fits(&self, words: &[Word]) -> bool {
        let mut parts = self.call.split(' ');
        parts.next();
        let Some(rest) = after(words, parts) else { return false };
        match self.when {
            When::Always => true,
            When::With(options) => options.iter().any(|option| has(words, option)),
            When::Judged(judge) => judge(rest),
        }
    }
}

/// What follows the subcommands, between which options may stand.
fn after<'w>(words: &'w [Word], subcommands: std::str::Split<'_, char>) -> Option<&'w [Word]> {
    let mut rest = words;
    for subcommand in subcommands {
        let mut value = false;
        loop {
            let (first, behind) = rest.split_first()?;
            rest = behind;
            let option = first.text.starts_with(['-', '+']);
            if first.text == subcommand {
                break;
            }
            if !option && !value {
                return None;
            }
            value = first.text.starts_with('-') && !first.text.contains('=');
        }
    }
    Some(rest)
}

/// Whether an option is given, and not as `--option=false`.
fn has(words: &[Word], option: &str) -> bool {
    words.iter().any(|word| match word.text.strip_prefix(option) {
        Some("") => true,
        Some(value) => value.starts_with('=') && !matches!(value, "=false" | "=none"),
        None => false,
    })
}

fn any(words: &[Word], says: impl Fn(&str) -> bool) -> bool {
    words.iter().any(|word| says(&word.text))
}

/// `-DaltDeploymentRepository=local::file:…` stays on the machine.
fn maven_deploys(words: &[Word]) -> bool {
    let local = any(words, |word| {
        ["altDeploymentRepository", "file:", "dry.run"].iter().any(|part| word.contains(part))
    });
    let deploys = |word: &str| {
        word == "deploy" || word.ends_with(":deploy") || word.contains("release:perform")
    };
    !local && any(words, deploys)
}

fn gradle_publishes(words: &[Word]) -> bool {
    any(words, |word| {
        let task = word.rsplit(':').next().unwrap_or(word).to_ascii_lowercase();
        task.starts_with("publish") && !task.ends_with("mavenlocal") && !task.contains("local")
    })
}

fn undrafts(words: &[Word]) -> bool {
    any(words, |word| word == "--draft=false")
}

fn undrafts_by_request(words: &[Word]) -> bool {
    let patches = |word: &str| word.trim_start_matches("-X").ends_with("PATCH");
    any(words, |word| word.contains("/releases/"))
        && any(words, patches)
        && any(words, makes_public)
}

/// Whether a text sets `draft` to false, in whatever language: `draft: false`, `"draft":false`, `draft=False`.
pub(crate) fn makes_public(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.split("draft").skip(1).any(|behind| {
        let value = behind.trim_start_matches(['"', '\'', '\\', ':', '=', ',', ' ']);
        let between = &behind[..behind.len() - value.len()];
        // `draft == false` asks.
        value.starts_with("false") && !between.is_empty() && !between.contains("==")
    })
}

fn pushes_a_tag(words: &[Word]) -> bool {
    any(words, |word| {
        let name = word.to_ascii_lowercase();
        matches!(word, "--tags" | "--follow-tags")
            || name.contains("refs/tags/")
            || (name.starts_with(['$', 'v']) && (name.contains("tag") || name.contains("version")))
    })
}

/// `cargo release` only tells what it would do without `--execute`.
fn releases_crates(words: &[Word]) -> bool {
    (has(words, "--execute") || has(words, "-x")) && !has(words, "--no-publish")
}

/// `--sign -` makes what runs on one machine only, and says nothing about who made it.
fn has_an_identity(words: &[Word]) -> bool {
    let none = |pair: &[Word]| matches!(&*pair[0].text, "--sign" | "-s") && pair[1].text == "-";
    !words.windows(2).any(none)
}

fn to_bucket(words: &[Word]) -> bool {
    let places = words.iter().filter(|word| !word.text.starts_with('-'));
    places.skip(1).any(|word| word.text.starts_with("s3://") || word.text.starts_with("gs://"))
}

/// It sends something.
fn sends(words: &[Word]) -> bool {
    const SENDING: [&str; 11] = [
        "-d",
        "--data",
        "--data-raw",
        "--data-binary",
        "--json",
        "-F",
        "-f",
        "--field",
        "--raw-field",
        "-T",
        "--upload-file",
    ];
    let method = words.iter().enumerate().any(|(at, word)| {
        let value = match word.text.as_str() {
            "-X" | "--request" | "--method" => words.get(at + 1).map(|word| word.text.as_str()),
            text => text.strip_prefix("-X").or_else(|| text.strip_prefix("--method=")),
        };
        matches!(value, Some("POST" | "PUT" | "PATCH" | "DELETE"))
    });
    method
        || words.iter().any(|word| SENDING[..7].contains(&word.text.as_str()) && word.text != "-f")
}

fn sets_a_status(words: &[Word]) -> bool {
    any(words, |word| word.contains("/statuses/"))
        && (sends(words) || any(words, |word| matches!(word, "-f" | "-F" | "--input")))
}

fn dispatches(words: &[Word]) -> bool {
    any(words, |word| word.contains("/dispatches"))
}

fn announces(words: &[Word]) -> bool {
    const PLACES: [&str; 4] = ["hooks.slack.com", "discord.com/api", "WEBHOOK", "api.telegram.org"];
    any(words, |word| PLACES.iter().any(|place| word.contains(place)))
}

/// It gets an address, and a refusal fails it.
fn only_reads(words: &[Word]) -> bool {
    let fails = any(words, |word| {
        let short = word.starts_with('-') && !word.starts_with("--") && word.contains('f');
        short || matches!(word, "--fail" | "--fail-with-body")
    });
    fails && !sends(words)
}

fn names_a_test(words: &[Word]) -> bool {
    const NAMES: [&str; 7] = ["test", "check", "ci", "verify", "lint", "ctest", "coverage"];
    any(words, |word| {
        let mut parts = word.split([':', '-', '_', '.']);
        !word.starts_with('-') && parts.any(|part| NAMES.contains(&part))
    })
}
