//! Judges decide of a command's arguments whether it publishes, where its name alone does not tell.

use super::commands::has;
use crate::script::Word;

fn positional(words: &[Word]) -> impl DoubleEndedIterator<Item = &Word> {
    words.iter().filter(|word| !word.text.starts_with('-'))
}

/// The value of an option: `-X POST`, `-XPOST`, `--method=POST`.
fn value<'w>(words: &'w [Word], option: &str) -> Option<&'w str> {
    words.iter().enumerate().find_map(|(at, word)| {
        let rest = word.text.strip_prefix(option)?;
        match rest {
            "" => words.get(at + 1).map(|word| word.text.as_str()),
            _ if option.len() == 2 => Some(rest.trim_start_matches('=')),
            _ => rest.strip_prefix('='),
        }
    })
}

fn writes(method: &str) -> bool {
    !matches!(method.to_ascii_uppercase().as_str(), "GET" | "HEAD" | "OPTIONS")
}

/// A goal or phase that leaves the machine.
pub(super) fn maven(words: &[Word]) -> bool {
    let leaves = |goal: &str| {
        goal == "deploy"
            || goal.contains("deploy:deploy")
            || goal.ends_with(":deploy")
            || goal.contains("release:perform")
            || goal.contains("nexus-staging:")
            || goal.contains("central-publishing:publish")
            || goal.ends_with("jib:build")
    };
    positional(words).any(|word| leaves(&word.text))
}

/// A task that publishes elsewhere than to the local repository.
pub(super) fn gradle(words: &[Word]) -> bool {
    let leaves = |task: &str| {
        let task = task.rsplit(':').next().unwrap_or(task).to_ascii_lowercase();
        let local = task.ends_with("mavenlocal");
        (task.starts_with("publish") && !local)
            || task.starts_with("closeandrelease")
            || task.starts_with("jreleaser")
            || task.starts_with("uploadarchives")
            || task == "jib"
            || task.starts_with("deploy")
    };
    positional(words).any(|word| leaves(&word.text))
}

/// sbt takes several commands, each a word or a quoted text.
pub(super) fn sbt(words: &[Word]) -> bool {
    let leaves = |command: &str| {
        let command = command.rsplit('/').next().unwrap_or(command).trim();
        let command = command.split(' ').next().unwrap_or(command);
        matches!(
            command,
            "publish" | "publishSigned" | "+publish" | "+publishSigned" | "ci-release"
        ) || command.starts_with("sonatype")
    };
    words.iter().any(|word| leaves(&word.text))
}

/// `git lfs push` uploads objects.
pub(super) fn git_lfs(words: &[Word]) -> bool {
    positional(words).next().is_some_and(|word| word.text == "push")
}

/// Any other method than reading, or fields without a method; GraphQL queries only where they mutate.
pub(super) fn gh_api(words: &[Word]) -> bool {
    let method = value(words, "-X").or_else(|| value(words, "--method"));
    if let Some(method) = method {
        return writes(method);
    }
    let fields = ["-f", "-F", "--field", "--raw-field", "--input"];
    let gives = |word: &Word| {
        fields.iter().any(|field| {
            word.text
                .strip_prefix(field)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('=') || field.len() == 2)
        })
    };
    if !words.iter().any(gives) {
        return false;
    }
    let graphql = words.iter().any(|word| word.text == "graphql");
    !graphql || words.iter().any(|word| word.text.contains("mutation"))
}

/// The image goes to a registry.
pub(super) fn pushes_image(words: &[Word]) -> bool {
    let output = value(words, "--output").or_else(|| value(words, "-o"));
    has(words, "--push")
        || output.is_some_and(|output| output.contains("registry") || output.contains("push=true"))
}

/// The target is a registry.
pub(super) fn skopeo_copy(words: &[Word]) -> bool {
    let target = positional(words).next_back();
    target.is_some_and(|target| target.text.starts_with("docker://") || !target.literal)
}

/// The target is a bucket, or may be one.
pub(super) fn to_bucket(words: &[Word]) -> bool {
    let places: Vec<&Word> = positional(words).collect();
    let is_bucket =
        |word: &Word| ["s3://", "gs://"].iter().any(|scheme| word.text.starts_with(scheme));
    let from_bucket = places.first().is_some_and(|first| is_bucket(first));
    places.iter().skip(1).any(|word| is_bucket(word))
        || (!from_bucket && places.last().is_some_and(|last| last.text.starts_with('$')))
}

/// The target is an address of the web.
pub(super) fn to_address(words: &[Word]) -> bool {
    let target = positional(words).nth(1);
    target.is_some_and(|target| target.text.starts_with("https://") || target.text.starts_with('$'))
}

/// The target, which is the last word, is on another machine.
pub(super) fn to_remote(words: &[Word]) -> bool {
    let places: Vec<&Word> = positional(words).collect();
    let remote = |text: &str| {
        text.starts_with("rsync://")
            || text.split_once(':').is_some_and(|(host, _)| {
                !host.is_empty()
                    && (!host.contains('/') || host.contains('@') || host.starts_with('$'))
            })
    };
    let whole_variable = |word: &Word| word.variable().is_some();
    match places.as_slice() {
        [] => false,
        [only] => remote(&only.text),
        [.., before, last] => {
            remote(&last.text)
                || (whole_variable(last)
                    && !remote(&before.text)
                    && last.text.to_ascii_lowercase().contains("host"))
        }
    }
}

/// Anything but asking a forge who one is.
pub(super) fn ssh(words: &[Word]) -> bool {
    let asks = has(words, "-T") || has(words, "-V") || words.is_empty();
    !asks && !words.iter().any(|word| word.text.starts_with("git@"))
}

/// It sends something to another machine.
pub(super) fn curl(words: &[Word]) -> bool {
    let sends = [
        "-T",
        "--upload-file",
        "-F",
        "--form",
        "-d",
        "--data",
        "--data-binary",
        "--data-raw",
        "--data-urlencode",
        "--json",
    ];
    let method = value(words, "-X").or_else(|| value(words, "--request"));
    let writes = match method {
        Some(method) => writes(method),
        None => {
            words.iter().any(|word| {
                sends.iter().any(|option| {
                    word.text == *option
                        || (option.len() > 2 && word.text.starts_with(&format!("{option}=")))
                })
            }) && !has(words, "-G")
                && !has(words, "--get")
        }
    };
    writes && !words.iter().any(is_local)
}

pub(super) fn wget(words: &[Word]) -> bool {
    let method = value(words, "--method").is_some_and(writes);
    let posts = value(words, "--post-data").or_else(|| value(words, "--post-file")).is_some();
    (method || posts) && !words.iter().any(is_local)
}

pub(super) fn httpie(words: &[Word]) -> bool {
    let method = positional(words).next().map(|word| word.text.as_str()).unwrap_or_default();
    matches!(method, "POST" | "PUT" | "PATCH" | "DELETE") && !words.iter().any(is_local)
}

/// An address of this machine.
fn is_local(word: &Word) -> bool {
    let text = word.text.strip_prefix("http://").or_else(|| word.text.strip_prefix("https://"));
    let text = text.unwrap_or(&word.text);
    ["localhost", "127.0.0.1", "0.0.0.0", "[::1]", "host.docker.internal"]
        .iter()
        .any(|host| text.starts_with(host))
}
