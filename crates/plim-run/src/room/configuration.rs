//! The user's settings of tools, copied into the private home: one entry each.
//!
//! Only what a tool needs to reach the network and to find itself is copied. Anything else would make a job do here
//! what it does not do on GitHub, and might be secret.

use toml::{Table, Value};

use super::{Survey, UserFacts};

/// A file of settings and what is kept of it; none when it cannot be understood.
struct Copy {
    /// Relative to the home.
    from: &'static str,
    /// Relative to the private home.
    to: &'static str,
    keep: fn(&str) -> Option<String>,
}

const COPIES: &[Copy] = &[
    Copy { from: ".cargo/config.toml", to: ".cargo/config.toml", keep: cargo },
    Copy { from: ".cargo/config", to: ".cargo/config.toml", keep: cargo },
    Copy { from: ".npmrc", to: ".npmrc", keep: npm },
    Copy { from: ".config/pip/pip.conf", to: ".config/pip/pip.conf", keep: pip },
    Copy { from: ".pip/pip.conf", to: ".pip/pip.conf", keep: pip },
    Copy { from: ".config/uv/uv.toml", to: ".config/uv/uv.toml", keep: uv },
    Copy { from: ".config/go/env", to: ".config/go/env", keep: go },
    Copy { from: ".tool-versions", to: ".tool-versions", keep: tool_versions },
    Copy { from: ".config/mise/config.toml", to: ".config/mise/config.toml", keep: mise },
];

/// git asks nobody and keeps nothing; an empty helper takes back those of the machine's own settings.
const GIT: &str = "[credential]
\thelper =
[core]
\taskPass =
[safe]
\tdirectory = *
[init]
\tdefaultBranch = master
";

/// Surveys the user's settings; git's own are ours.
pub(super) fn copy(user: &UserFacts<'_>, survey: &mut Survey) {
    for copy in COPIES {
        let from = user.place(copy.from);
        let Some(text) = user.tree.text(&from) else { continue };
        match (copy.keep)(&text) {
            Some(kept) => survey.write(copy.to.into(), kept),
            None => survey
                .notes
                .push(format!("`{}` cannot be read and is left out of jobs", from.display())),
        }
    }
    survey.write(".gitconfig".into(), GIT.to_owned());
}

fn cargo(text: &str) -> Option<String> {
    toml_tables(text, &["source", "registries", "registry", "http", "net"])
}

fn uv(text: &str) -> Option<String> {
    const KEYS: [&str; 8] = [
        "index",
        "index-url",
        "extra-index-url",
        "find-links",
        "no-index",
        "native-tls",
        "system-certs",
        "allow-insecure-host",
    ];
    toml_tables(text, &KEYS)
}

/// Which versions to use; tasks and variables of the user are none of the job's business.
fn mise(text: &str) -> Option<String> {
    toml_tables(text, &["tools", "alias"])
}

fn toml_tables(text: &str, keys: &[&str]) -> Option<String> {
    let mut table: Table = text.parse().ok()?;
    table.retain(|key, _| keys.contains(&key));
    without_secrets(&mut table);
    toml::to_string(&table).ok()
}

/// Keys of registries that hold credentials, or name a program that gives them.
const SECRET: &[&str] = &[
    "token",
    "secret-key",
    "secret-key-subject",
    "password",
    "username",
    "authenticate",
    "credential-provider",
    "global-credential-providers",
];

fn without_secrets(table: &mut Table) {
    table.retain(|key, _| !SECRET.contains(&key));
    table.iter_mut().for_each(|(_, value)| clean(value));
}

fn clean(value: &mut Value) {
    match value {
        Value::Table(table) => without_secrets(table),
        Value::Array(values) => values.iter_mut().for_each(clean),
        Value::String(text) => *text = without_passwords(text),
        _ => {}
    }
}

fn npm(text: &str) -> Option<String> {
    const KEYS: [&str; 12] = [
        "registry",
        "cafile",
        "ca",
        "ca[]",
        "strict-ssl",
        "proxy",
        "https-proxy",
        "noproxy",
        "maxsockets",
        "offline",
        "prefer-offline",
        "nodedir",
    ];
    let is_kept = |key: &str| {
        KEYS.contains(&key)
            || key.starts_with("fetch-")
            || key.starts_with('@') && key.ends_with(":registry")
    };
    Some(settings(text, &["="], is_kept))
}

fn pip(text: &str) -> Option<String> {
    const KEYS: [&str; 9] = [
        "index-url",
        "extra-index-url",
        "find-links",
        "no-index",
        "trusted-host",
        "cert",
        "proxy",
        "timeout",
        "retries",
    ];
    Some(settings(text, &["=", ":"], |key| KEYS.contains(&key.replace('_', "-").as_str())))
}

fn go(text: &str) -> Option<String> {
    const KEYS: [&str; 7] =
        ["goproxy", "gonoproxy", "gosumdb", "gonosumdb", "goprivate", "goinsecure", "gotoolchain"];
    Some(settings(text, &["="], |key| KEYS.contains(&key)))
}

/// Lines of a name and versions.
fn tool_versions(text: &str) -> Option<String> {
    let is_version = |word: &str| {
        word.bytes().any(|byte| byte.is_ascii_digit()) || matches!(word, "system" | "latest")
    };
    let is_kept = |line: &&str| line.split_whitespace().nth(1).is_some_and(is_version);
    Some(text.lines().filter(is_kept).map(|line| format!("{line}\n")).collect())
}

/// The lines whose key, in small letters, is kept, with the indented lines that go on from them; and the headings.
fn settings(text: &str, assign: &[&str], is_kept: impl Fn(&str) -> bool) -> String {
    let mut kept = String::new();
    let mut goes_on = false;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let heading = line.starts_with('[') && line.trim_end().ends_with(']');
        if !line.starts_with([' ', '\t']) {
            let end = assign.iter().filter_map(|sign| line.find(sign)).min();
            goes_on = end.is_some_and(|end| is_kept(&line[..end].trim().to_ascii_lowercase()));
        }
        if goes_on || heading {
            kept.push_str(&without_passwords(line));
            kept.push('\n');
        }
    }
    kept
}

/// `text` with no user and password in any address: `https://user:word@host` becomes `https://host`.
///
/// The user of an address of another kind, such as `ssh://git@host`, stays when no password is with it.
pub(super) fn without_passwords(text: &str) -> String {
    let mut parts = text.split("://");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let web = ["http", "https", "socks5", "socks5h"]
            .iter()
            .any(|scheme| plain.to_ascii_lowercase().ends_with(scheme));
        plain.push_str("://");
        let end = part.find(['/', '?', '#', ' ', '\t', '\n', '"', '\'', ',', '|', '>']);
        let authority = &part[..end.unwrap_or(part.len())];
        let who = authority.rfind('@').filter(|at| web || authority[..*at].contains(':'));
        plain.push_str(who.map_or(part, |at| &part[at + 1..]));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_lose_user_and_password() {
        for (text, plain) in [
            ("https://me:word@host/x", "https://host/x"),
            ("https://token@host", "https://host"),
            ("http://a:b@c:8080, https://d:e@f", "http://c:8080, https://f"),
            ("https://host/@scope/x", "https://host/@scope/x"),
            ("https://a@b:c@host", "https://host"),
            ("ssh://git@host/x", "ssh://git@host/x"),
            ("ssh://git:word@host/x", "ssh://host/x"),
            ("git@host:x", "git@host:x"),
            ("sparse+HTTPS://t@h/", "sparse+HTTPS://h/"),
            ("plain", "plain"),
            ("://@", "://@"),
        ] {
            assert_eq!(without_passwords(text), plain);
        }
    }

    #[test]
    fn cargo_keeps_how_to_reach_registries() {
        let kept = cargo(
            "[registry]\ndefault = 'mine'\ntoken = 'DECOY'\ncredential-provider = 'DECOY'\n\
             [registries.mine]\nindex = 'sparse+https://me:DECOY@host/'\ntoken = 'DECOY'\n\
             [http]\nproxy = 'http://me:DECOY@proxy:1'\n[net]\noffline = true\n\
             [build]\ntarget-dir = 'DECOY'\n[env]\nMY_API_TOKEN = 'DECOY'\n\
             [credential-alias]\nx = ['DECOY']\n",
        )
        .unwrap();
        assert!(!kept.contains("DECOY"), "{kept}");
        for part in ["default = \"mine\"", "sparse+https://host/", "http://proxy:1", "offline"] {
            assert!(kept.contains(part), "{part} in {kept}");
        }
        assert_eq!(cargo("not [ toml"), None);
    }

    #[test]
    fn npm_keeps_registries_but_not_who_the_user_is() {
        let kept = npm(
            "registry=https://me:DECOY@r/\n@scope:registry = https://s/\n//r/:_authToken=DECOY\n_auth = DECOY\n\
             //r/:username=DECOY\nemail=DECOY\n_authToken=DECOY\nkey=DECOY\nDECOY\ncafile=/ca\nfetch-retries=1\n",
        );
        let expected =
            "registry=https://r/\n@scope:registry = https://s/\ncafile=/ca\nfetch-retries=1\n";
        assert_eq!(kept.unwrap(), expected);
    }

    #[test]
    fn pip_keeps_indexes_without_passwords() {
        let kept = pip(
            "[global]\nextra-index-url =\n  https://me:DECOY@i/simple\n  https://j\nclient_cert = DECOY\n  DECOY\n\
             Timeout: 9\nDECOY\n",
        );
        let expected = "[global]\nextra-index-url =\n  https://i/simple\n  https://j\nTimeout: 9\n";
        assert_eq!(kept.unwrap(), expected);
    }

    #[test]
    fn version_files_keep_versions_only() {
        let kept = mise("[tools]\nnode = '22'\n[env]\nTOKEN = 'DECOY'\n[tasks.x]\nrun = 'DECOY'\n");
        assert_eq!(kept.unwrap(), "[tools]\nnode = \"22\"\n");
        let kept = tool_versions("nodejs 22.1.0 20\nruby system\nDECOY\n# a comment\n");
        assert_eq!(kept.unwrap(), "nodejs 22.1.0 20\nruby system\n");
        assert_eq!(
            go("GOPROXY=https://t:DECOY@p,direct\nGOFLAGS=DECOY\n").unwrap(),
            "GOPROXY=https://p,direct\n"
        );
        assert_eq!(
            uv("[[index]]\nurl = 'https://t:DECOY@p/'\n[x]\ny = 'DECOY'\n").unwrap(),
            "[[index]]\nurl = \"https://p/\"\n"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn nothing_makes_it_panic(text in "(https?://|[a-z@:/ \"=_\n\u{e9}\\[\\]]){0,20}") {
            without_passwords(&text);
            for copy in COPIES {
                (copy.keep)(&text);
            }
        }

        #[test]
        fn no_password_survives(user in "[a-z]{0,5}", word in "[A-Z0-9:%]{8,12}", host in "[a-z]{1,5}") {
            let plain = without_passwords(&format!("x=https://{user}:{word}@{host}/p y"));
            prop_assert_eq!(plain, format!("x=https://{host}/p y"));
        }
    }
}
