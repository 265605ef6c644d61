//! Values of options that have a form of their own.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use plim_run::room::credential::CREDENTIALS;

/// `K=V`, or `K:V` where act's users are used to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// `OWNER/REPO[/PATH][@REF]=DIR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActionArg {
    pub(crate) reference: String,
    pub(crate) folder: PathBuf,
}

/// What follows `--secret`. It is looked at after the command line was read, because a message of the
/// parser would repeat it, and it may hold what nobody should see.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretName(pub(crate) String);

impl std::fmt::Debug for SecretName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretName(…)")
    }
}

/// Reads `NAME=VALUE`; the value may be empty and hold `=`.
pub(crate) fn pair(text: &str) -> Result<Pair, String> {
    split(text, '=').ok_or_else(|| "write NAME=VALUE".to_owned())
}

/// Reads `NAME=VALUE` or `NAME:VALUE`, whichever sign comes first.
pub(crate) fn matrix(text: &str) -> Result<Pair, String> {
    let sign = text.chars().find(|c| matches!(c, '=' | ':'));
    let pair = sign.and_then(|sign| split(text, sign));
    pair.ok_or_else(|| "write NAME=VALUE, such as os=ubuntu-latest".to_owned())
}

/// Reads `GLOB=host`, and act's `GLOB=-self-hosted`.
pub(crate) fn runner(text: &str) -> Result<String, String> {
    match text.rsplit_once('=') {
        Some((glob, "host" | "-self-hosted")) if !glob.is_empty() => Ok(glob.to_owned()),
        Some((glob, place)) if !glob.is_empty() => {
            Err(format!("jobs can run on `host` only, not on `{place}`"))
        }
        _ => Err("write LABELS=host, such as 'self-hosted*=host'".to_owned()),
    }
}

/// Reads `OWNER/REPO[/PATH][@REF]=DIR`.
pub(crate) fn action(text: &str) -> Result<ActionArg, String> {
    let form =
        || "write OWNER/REPO[@REF]=DIR, such as docker/login-action@v3=../login-action".to_owned();
    let (reference, folder) = text.split_once('=').ok_or_else(form)?;
    if !is_action(reference) || folder.is_empty() {
        return Err(form());
    }
    Ok(ActionArg { reference: reference.to_owned(), folder: folder.into() })
}

/// The names of credentials that can be handed over.
pub(crate) fn credentials() -> PossibleValuesParser {
    let values = CREDENTIALS.iter();
    PossibleValuesParser::new(values.map(|one| PossibleValue::new(one.name).help(one.about)))
}

/// Whether `text` is `OWNER/REPO[/PATH][@REF]`.
pub(crate) fn is_action(text: &str) -> bool {
    let (name, reference) = text.split_once('@').map_or((text, None), |(n, r)| (n, Some(r)));
    let parts: Vec<_> = name.split('/').collect();
    parts.len() >= 2
        && parts.iter().all(|part| !part.is_empty() && *part != "." && *part != "..")
        && reference != Some("")
}

fn split(text: &str, sign: char) -> Option<Pair> {
    let (name, value) = text.split_once(sign)?;
    let (name, value) = (name.trim().to_owned(), value.to_owned());
    (!name.is_empty()).then_some(Pair { name, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: &str) -> Pair {
        Pair { name: name.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn a_pair_keeps_all_of_its_value() {
        assert_eq!(pair("A=b=c "), Ok(of("A", "b=c ")));
        assert_eq!(pair("A="), Ok(of("A", "")));
        assert!(pair("A").is_err() && pair("=b").is_err() && pair("A:b").is_err());
    }

    #[test]
    fn a_matrix_value_takes_either_sign() {
        assert_eq!(matrix("os=a:b"), Ok(of("os", "a:b")));
        assert_eq!(matrix("os:a=b"), Ok(of("os", "a=b")));
        assert!(matrix("os").is_err());
    }

    #[test]
    fn a_runner_is_a_glob_for_this_machine() {
        assert_eq!(runner("self-hosted*=host"), Ok("self-hosted*".to_owned()));
        assert_eq!(runner("ubuntu-latest=-self-hosted"), Ok("ubuntu-latest".to_owned()));
        assert!(runner("ubuntu-latest=node:20").unwrap_err().contains("`node:20`"));
        assert!(runner("ubuntu").is_err() && runner("=host").is_err());
    }

    #[test]
    fn an_action_has_owner_and_repository() {
        let found = action("docker/login-action@v3=../x=y").unwrap();
        assert_eq!(
            (found.reference.as_str(), found.folder),
            ("docker/login-action@v3", "../x=y".into())
        );
        for wrong in ["a=b", "a/b@=c", "a/b", "a/b=", "/b=c", "../b=c"] {
            assert!(action(wrong).is_err(), "{wrong}");
        }
    }
}
