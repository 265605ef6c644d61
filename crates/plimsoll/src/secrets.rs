//! Secrets come from variables, from the terminal, or from files that nobody else can read; never from the
//! command line.

use std::{fs::File, io::Read, os::unix::fs::PermissionsExt, path::Path};

use plim_diag::{Code, Diagnostic};
use plim_host::{Echo, Environment};

use crate::{args::SecretName, dotenv, refusal::Refusal};

/// What a secret file may hold at most; GitHub's own limit is 48 KB for each of 100 secrets.
const LIMIT: u64 = 8 << 20;

/// Asks a person for a value that is not shown; `None` when there is nobody to ask.
pub(crate) type Ask<'a> = &'a dyn Fn(&str, Echo) -> Option<String>;

/// The names after `--secret`, checked.
///
/// `K=V` is refused without repeating it: whoever may list processes has read it already.
pub(crate) fn names(given: &[SecretName]) -> Result<Vec<&str>, Refusal> {
    given.iter().map(|SecretName(text)| name(text)).collect()
}

fn name(text: &str) -> Result<&str, Refusal> {
    let shown = text.split_once('=').map_or(text, |(name, _)| name);
    let is_name = dotenv::is_name(shown);
    if text != shown {
        let shown = if is_name { shown } else { "K" };
        let message = "a secret's value stands on the command line, where every user of this machine can read it";
        let help = format!(
            "put the value into the variable `{shown}` and give `--secret {shown}`, or leave the variable \
             away to be asked; consider the value known to others"
        );
        return Err(Refusal::usage(
            Diagnostic::error(Code("secret-in-arguments"), message).help(help),
        ));
    }
    if !is_name {
        let message = format!("`{text}` is not the name of a secret");
        let help = "names hold letters, digits and `_`, and begin with a letter or `_`";
        return Err(Refusal::usage(Diagnostic::error(Code("secret-name"), message).help(help)));
    }
    Ok(text)
}

/// The value of the secret `name`: that of the variable, or what a person types.
pub(crate) fn value(
    name: &str,
    environment: &Environment,
    ask: Ask<'_>,
) -> Result<String, Refusal> {
    if let Some(value) = environment.get(name) {
        let text = value.to_str().map(str::to_owned);
        return text.ok_or_else(|| {
            let message = format!("the variable `{name}` is not text in UTF-8");
            Refusal::usage(Diagnostic::error(Code("secret-value"), message))
        });
    }
    ask(&format!("Secret {name}: "), Echo::Hidden).ok_or_else(|| {
        let message =
            format!("there is no variable `{name}`, and no terminal to ask for the secret");
        let help = format!("set the variable `{name}`, or give the secret in a `--secret-file`");
        Refusal::usage(Diagnostic::error(Code("secret-missing"), message).help(help))
    })
}

/// The secrets in `file`, which stands at `shown` for the user.
///
/// Errors: a file that its group or others can read, that is not there, or that is not dotenv.
pub(crate) fn from_file(file: &Path, shown: &str) -> Result<Vec<(String, String)>, Refusal> {
    let unreadable = |error: std::io::Error| {
        let message = format!("cannot read the secrets in `{shown}`: {error}");
        Refusal::usage(Diagnostic::error(Code("secret-file"), message))
    };
    let mut opened = File::open(file).map_err(unreadable)?;
    // Of what was opened, so that nobody can put another file in its place in between.
    let mode = opened.metadata().map_err(unreadable)?.permissions().mode();
    if mode & 0o077 != 0 {
        let message = format!("others can read `{shown}` (mode {:03o})", mode & 0o777);
        let diagnostic = Diagnostic::error(Code("secret-file"), message);
        return Err(Refusal::usage(diagnostic.help(format!("chmod 600 {shown}"))));
    }
    let mut text = String::new();
    (&mut opened).take(LIMIT).read_to_string(&mut text).map_err(unreadable)?;
    let (entries, diagnostics) = dotenv::parse(shown, &text);
    if !diagnostics.is_empty() {
        return Err(Refusal::usage_in(diagnostics, shown, &masked(&text)));
    }
    Ok(entries.into_iter().map(|entry| (entry.name.value, entry.value)).collect())
}

/// The text with its places and without what it says: a line that cannot be read may hold a secret.
fn masked(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_whitespace() { char::from(byte) } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::OpenOptionsExt};

    use super::*;

    fn secret(text: &str) -> Vec<SecretName> {
        vec![SecretName(text.to_owned())]
    }

    #[test]
    fn a_value_on_the_command_line_is_refused_and_not_repeated() {
        for given in ["TOKEN=hunter2", "=hunter2", "a b=hunter2"] {
            let refusal = names(&secret(given)).unwrap_err();
            let shown = format!("{:?}", refusal.diagnostics);
            assert!(!shown.contains("hunter2") && shown.contains("every user"), "{shown}");
        }
        assert_eq!(names(&secret("TOKEN")).unwrap(), ["TOKEN"]);
        assert!(names(&secret("a-b")).is_err() && names(&secret("")).is_err());
    }

    #[test]
    fn a_value_comes_from_the_variable_or_from_a_person() {
        let environment: Environment = [("A", "from variable")].into_iter().collect();
        let ask = |question: &str, echo| {
            assert_eq!((question, echo), ("Secret B: ", Echo::Hidden));
            Some("typed".to_owned())
        };
        assert_eq!(value("A", &environment, &ask).unwrap(), "from variable");
        assert_eq!(value("B", &environment, &ask).unwrap(), "typed");
        assert!(value("B", &environment, &|_, _| None).is_err());
    }

    fn file(mode: u32, text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(&path)
            .unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        fs::write(&path, text).unwrap();
        folder
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        for mode in [0o640, 0o604, 0o622, 0o666] {
            let folder = file(mode, "A=b");
            let refusal = from_file(&folder.path().join("s"), "s").unwrap_err();
            assert_eq!(refusal.exit, crate::exit::Exit::Usage);
            assert_eq!(refusal.diagnostics[0].help.as_deref(), Some("chmod 600 s"));
        }
        let folder = file(0o600, "A=b\nC='d e'");
        let secrets = from_file(&folder.path().join("s"), "s").unwrap();
        assert_eq!(secrets, [("A".into(), "b".into()), ("C".into(), "d e".into())]);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_pointed_at_and_not_shown() {
        let folder = file(0o600, "A='hunter2' hunter3\n");
        let refusal = from_file(&folder.path().join("s"), "s").unwrap_err();
        let shown = refusal.render(crate::args::Format::Full, crate::render::paint::Paint::plain());
        assert!(!shown.contains("hunter") && shown.contains("s:1:13"), "{shown}");
    }
}
