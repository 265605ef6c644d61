//! Says how git is kept from starting anything that a repository's own configuration names.

use std::ffi::OsString;

use crate::environment::Environment;

/// Variables that reach git from the user's environment; no `GIT_…` and no `HOME` is among them.
const PASSED_ON: [&str; 3] = ["PATH", "TMPDIR", "LD_LIBRARY_PATH"];

/// Variables that git is always given.
const FIXED: [(&str, &str); 16] = [
    ("LC_ALL", "C"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_SYSTEM", "/dev/null"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    // The index of the user is read, never refreshed on disk.
    ("GIT_OPTIONAL_LOCKS", "0"),
    // A partial clone would fetch what it lacks, with the program that its remote names.
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", ""),
    // What was replaced locally is not replaced where the workflow is meant to run.
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_PAGER", "cat"),
    ("GIT_EDITOR", "false"),
    ("GIT_SEQUENCE_EDITOR", "false"),
    ("GIT_ASKPASS", "false"),
    ("GIT_SSH_COMMAND", "false"),
];

/// Settings that win over those of any file, because they come with the command.
///
/// Each names a program, or leads to one, in a repository that wants to harm who looks at it; what
/// the names of filters are is only known from the repository and is added there.
const SETTINGS: [(&str, &str); 25] = [
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.attributesFile", "/dev/null"),
    ("core.alternateRefsCommand", "false"),
    ("core.askPass", "false"),
    ("core.editor", "false"),
    ("core.gitProxy", "false"),
    ("core.pager", "cat"),
    ("core.sshCommand", "false"),
    ("credential.helper", ""),
    ("diff.external", ""),
    ("gpg.program", "false"),
    ("gpg.ssh.program", "false"),
    ("gpg.x509.program", "false"),
    ("gpg.ssh.defaultKeyCommand", "false"),
    ("commit.gpgSign", "false"),
    ("tag.gpgSign", "false"),
    ("log.showSignature", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("protocol.allow", "never"),
    ("protocol.ext.allow", "never"),
    ("submodule.recurse", "false"),
    // What we write can be made again; `Store::open` looks for what a power cut left.
    ("core.fsync", "none"),
    ("status.submoduleSummary", "false"),
];

/// A setting that a git which honours settings from the environment shows back.
pub(super) const CANARY: (&str, &str) = ("plimsoll.honoured", "true");

/// The part of git's environment that is the same for every call.
pub(super) fn variables(user: &Environment) -> Vec<(OsString, OsString)> {
    let passed = PASSED_ON.iter().filter_map(|name| Some((name.into(), user.get(name)?.into())));
    passed.chain(FIXED.iter().map(|(name, value)| (name.into(), value.into()))).collect()
}

/// All settings, as the variables that hand them to git. A name may hold any character there,
/// which it may not in `-c NAME=VALUE`.
pub(super) fn settings(more: &[(String, String)]) -> Vec<(OsString, OsString)> {
    let fixed = SETTINGS.iter().chain([&CANARY]).map(|(name, value)| (*name, *value));
    let more = more.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut variables = Vec::new();
    for (i, (name, value)) in fixed.chain(more).enumerate() {
        variables.push((format!("GIT_CONFIG_KEY_{i}").into(), name.into()));
        variables.push((format!("GIT_CONFIG_VALUE_{i}").into(), value.into()));
    }
    variables.push(("GIT_CONFIG_COUNT".into(), (variables.len() / 2).to_string().into()));
    variables
}

/// The settings that keep the filter `name` from starting a program and from being required.
pub(super) fn without_filter(name: &str) -> [(String, String); 4] {
    let setting = |key: &str, value: &str| (format!("filter.{name}.{key}"), value.to_owned());
    [
        setting("clean", ""),
        setting("smudge", ""),
        setting("process", ""),
        setting("required", "false"),
    ]
}
