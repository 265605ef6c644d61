//! The settings of a repository: `plimsoll.toml`.

mod check;
mod extends;
mod foreign;
pub(crate) mod lock;
mod table;

use std::{fs, io, path::Path, sync::Arc, time::Duration};

use plim_diag::{Code, Diagnostic, Spanned, closest};
use plim_run::{request::RunnerRule, room::credential};

pub(crate) use self::check::CheckSettings;
use self::table::{Reader, Table};
#[cfg(test)]
use self::{check::CHECK_KEYS, extends::EXTENDS_KEYS};
use crate::{args, dotenv, refusal::Refusal};

/// The file's name in a repository's root.
pub(crate) const FILE: &str = "plimsoll.toml";

const CODE: Code = Code("settings");

/// The newest form of the file that this program reads.
const VERSION: i64 = 1;

/// What `plimsoll.toml` says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) run: RunSettings,
    pub(crate) check: CheckSettings,
}

/// `[run]`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct RunSettings {
    /// `expect-elsewhere`: globs of runner labels.
    pub(crate) expect_elsewhere: Vec<String>,
    /// `runners`: what labels mean here, in the order of the file.
    pub(crate) runners: Vec<RunnerRule>,
    /// `skip`: jobs that are left out.
    pub(crate) skip: Vec<String>,
    /// `jobs`: how many run at once.
    pub(crate) jobs: Option<usize>,
    /// `disk`: how many bytes a run may take before it warns.
    pub(crate) disk: Option<u64>,
    /// `cold`: how many legs may build in a new workspace although nobody named them.
    pub(crate) cold: Option<usize>,
    /// `heavy`: legs that took longer run only by name.
    pub(crate) heavy: Option<Duration>,
    /// `credentials`: names that jobs would like to have. A repository cannot hand them over to itself.
    pub(crate) credentials: Vec<String>,
    /// `actions`: folders that stand for actions, relative to the root.
    pub(crate) actions: Vec<(String, String)>,
    /// `variables`: the `vars` context.
    pub(crate) variables: Vec<(String, String)>,
}

/// Keys of the file itself.
pub(crate) const KEYS: &[&str] = &["version", "run", "check"];

/// Keys of `[run]`.
pub(crate) const RUN_KEYS: &[&str] = &[
    "expect-elsewhere",
    "runners",
    "skip",
    "jobs",
    "disk",
    "cold",
    "heavy",
    "credentials",
    "actions",
    "variables",
];

/// Reads the settings of the repository at `root`; a repository without the file has none.
///
/// Errors: a file that cannot be read, is not TOML, or says what nobody understands.
pub(crate) fn read(root: &Path) -> Result<Settings, Refusal> {
    read_with_text(root).map(|(settings, _)| settings)
}

/// What `[check]` of the repository at `root` says, with what it extends and what it says to other checkers.
///
/// Errors: those of [`read`], and those of a file that is extended.
pub(crate) fn read_check(root: &Path) -> Result<CheckSettings, Refusal> {
    let (settings, text) = read_with_text(root)?;
    let mut settings = extends::follow(root, settings.check, &text)?;
    foreign::add(root, &mut settings);
    settings.lock = lock::read(root)?.map(Arc::new);
    Ok(settings)
}

fn read_with_text(root: &Path) -> Result<(Settings, String), Refusal> {
    let text = match fs::read_to_string(root.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            let message = format!("cannot read `{FILE}`: {error}");
            return Err(Refusal::usage(Diagnostic::error(CODE, message)));
        }
    };
    let (settings, diagnostics) = parse(&text);
    if diagnostics.is_empty() {
        Ok((settings, text))
    } else {
        Err(Refusal::usage_in(diagnostics, FILE, &text))
    }
}

/// Understands as much of `text` as can be understood.
pub(crate) fn parse(text: &str) -> (Settings, Vec<Diagnostic>) {
    table::document(FILE, CODE, text, read_document)
}

fn read_document(reader: &mut Reader, document: &Table<'_>) -> Settings {
    let mut settings = Settings::default();
    if is_newer(reader, document) {
        return settings;
    }
    unknown(reader, document, KEYS, "a table or key of this file");
    if let Some(run) = document.get("run").and_then(|value| reader.table(value)) {
        settings.run = read_run(reader, &run);
    }
    if let Some(check) = document.get("check").and_then(|value| reader.table(value)) {
        settings.check = check::read(reader, &check);
    }
    settings
}

/// Whether the file is of a form that only a newer program understands.
fn is_newer(reader: &mut Reader, document: &Table<'_>) -> bool {
    let version = document.get("version").and_then(|value| reader.integer(value));
    let Some((version, span)) = version else { return false };
    if version > VERSION {
        let message = format!(
            "this file is of version {version}, and this is `plim` {}",
            env!("CARGO_PKG_VERSION")
        );
        reader.fault(span, &message, Some("update `plim`".to_owned()));
    } else if version < 1 {
        let help = format!("write `version = {VERSION}`");
        reader.fault(span, "versions are counted from 1", Some(help));
    }
    version > VERSION
}

fn read_run(reader: &mut Reader, run: &Table<'_>) -> RunSettings {
    unknown(reader, run, RUN_KEYS, "a key of `[run]`");
    let mut texts = |key: &str| run.get(key).map(|value| reader.texts(value)).unwrap_or_default();
    let (expect_elsewhere, skip) = (texts("expect-elsewhere"), texts("skip"));
    let credentials = texts("credentials");
    credentials.iter().for_each(|name| credential(reader, name));
    let mut pairs = |key: &str| run.get(key).map(|value| reader.pairs(value)).unwrap_or_default();
    let (runners, actions, variables) = (pairs("runners"), pairs("actions"), pairs("variables"));
    RunSettings {
        expect_elsewhere: values(expect_elsewhere),
        runners: runners.iter().filter_map(|pair| runner(reader, pair)).collect(),
        skip: values(skip),
        jobs: run.get("jobs").and_then(|value| jobs(reader, value)),
        disk: run.get("disk").and_then(|value| disk(reader, value)),
        cold: run.get("cold").and_then(|value| cold(reader, value)),
        heavy: run.get("heavy").and_then(|value| heavy(reader, value)),
        credentials: values(credentials),
        actions: actions.into_iter().filter_map(|pair| action(reader, pair)).collect(),
        variables: variables.into_iter().filter_map(|pair| variable(reader, pair)).collect(),
    }
}

fn values(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

fn jobs(reader: &mut Reader, value: table::Value<'_>) -> Option<usize> {
    let (number, span) = reader.integer(value)?;
    let jobs = usize::try_from(number).ok().filter(|&jobs| jobs > 0);
    if jobs.is_none() {
        reader.fault(
            span,
            "at least one job has to run at a time",
            Some("write `jobs = 1`".to_owned()),
        );
    }
    jobs
}

fn disk(reader: &mut Reader, value: table::Value<'_>) -> Option<u64> {
    let text = reader.text(value)?;
    let size = size(&text);
    if size.is_none() {
        let help = "write a whole number of `MiB`, `GiB` or `TiB`, such as `\"20 GiB\"`";
        reader.fault(value.span, &format!("`{text}` is not a size"), Some(help.to_owned()));
    }
    size
}

fn cold(reader: &mut Reader, value: table::Value<'_>) -> Option<usize> {
    let (number, span) = reader.integer(value)?;
    let most = usize::try_from(number).ok();
    if most.is_none() {
        let help = "write `cold = 0` for no first build unless its job is named".to_owned();
        reader.fault(span, "a number of first builds cannot be negative", Some(help));
    }
    most
}

fn heavy(reader: &mut Reader, value: table::Value<'_>) -> Option<Duration> {
    let text = reader.text(value)?;
    let time = time(&text);
    if time.is_none() {
        let help = "write a whole number of `min` or `h`, such as `\"20 min\"`";
        reader.fault(value.span, &format!("`{text}` is not a time"), Some(help.to_owned()));
    }
    time
}

/// How long `20 min` is.
fn time(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit: u64 = match unit.trim() {
        "min" => 60,
        "h" => 3600,
        _ => return None,
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(unit)?;
    Some(Duration::from_secs(seconds)).filter(|time| !time.is_zero())
}

/// The bytes of `20 GiB`.
fn size(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit: u64 = match unit.trim() {
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit).filter(|bytes| *bytes > 0)
}

fn runner(reader: &mut Reader, pair: &table::Pair) -> Option<RunnerRule> {
    let here = match pair.value.value.as_str() {
        "host" => true,
        "elsewhere" => false,
        other => {
            let message = format!("`{other}` is not a place where jobs can run");
            reader.fault(
                pair.value.span,
                &message,
                Some("write `\"host\"` or `\"elsewhere\"`".to_owned()),
            );
            return None;
        }
    };
    Some(RunnerRule { glob: pair.key.value.clone(), here })
}

fn credential(reader: &mut Reader, name: &Spanned<String>) {
    if let Err(unknown) = credential::named([name.value.as_str()]) {
        reader.fault(name.span, &unknown.to_string(), Some(unknown.help()));
    }
}

fn action(reader: &mut Reader, pair: table::Pair) -> Option<(String, String)> {
    if !args::is_action(&pair.key.value) {
        let message = format!("`{}` does not name an action", pair.key.value);
        let help = "write `\"owner/repo\"` or `\"owner/repo@ref\"`";
        reader.fault(pair.key.span, &message, Some(help.to_owned()));
        return None;
    }
    Some((pair.key.value, pair.value.value))
}

fn variable(reader: &mut Reader, pair: table::Pair) -> Option<(String, String)> {
    if !dotenv::is_name(&pair.key.value) {
        let message = format!("`{}` is not the name of a variable", pair.key.value);
        let help = "names hold letters, digits and `_`, and begin with a letter or `_`";
        reader.fault(pair.key.span, &message, Some(help.to_owned()));
        return None;
    }
    Some((pair.key.value, pair.value.value))
}

fn unknown(reader: &mut Reader, table: &Table<'_>, known: &[&str], what: &str) {
    for (key, span) in table.keys().filter(|(key, _)| !known.contains(key)) {
        stray(reader, Spanned::new(key, span), known, what);
    }
}

fn stray(reader: &mut Reader, key: Spanned<&str>, known: &[&str], what: &str) {
    let near = closest(key.value, known.iter().copied());
    let help = near.map(|near| format!("did you mean `{near}`?")).unwrap_or_else(|| {
        let (version, known) = (env!("CARGO_PKG_VERSION"), list(known));
        format!("remove it, or update `plim` if it comes from a newer one than {version}; known are {known}")
    });
    reader.fault(key.span, &format!("`{}` is not {what}", key.value), Some(help));
}

fn list(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{args::Format, render::paint::Paint};

    fn faults(text: &str) -> String {
        let (_, diagnostics) = parse(text);
        Refusal::usage_in(diagnostics, FILE, text).render(Format::Full, Paint::plain())
    }

    #[test]
    fn everything_is_read() {
        let text = r#"
            version = 1
            [run]
            expect-elsewhere = ["macos-*", "windows-*"]
            runners = { "self-hosted" = "host", "arm-*" = "elsewhere" }
            skip = ["deploy"]
            jobs = 3
            disk = "20 GiB"
            cold = 4
            heavy = "2 h"
            credentials = ["cargo"]
            [run.actions]
            "docker/login-action@v3" = "../login"
            [run.variables]
            REGION = "eu"
        "#;
        let (settings, diagnostics) = parse(text);
        assert_eq!(diagnostics, []);
        let rule = |glob: &str, here| RunnerRule { glob: glob.to_owned(), here };
        let expected = RunSettings {
            expect_elsewhere: vec!["macos-*".into(), "windows-*".into()],
            runners: vec![rule("self-hosted", true), rule("arm-*", false)],
            skip: vec!["deploy".into()],
            jobs: Some(3),
            disk: Some(20 << 30),
            cold: Some(4),
            heavy: Some(Duration::from_secs(7200)),
            credentials: vec!["cargo".into()],
            actions: vec![("docker/login-action@v3".into(), "../login".into())],
            variables: vec![("REGION".into(), "eu".into())],
        };
        assert_eq!(settings.run, expected);
        assert_eq!(parse("").0, Settings::default());
    }

    #[test]
    fn a_slip_is_shown_where_it_stands_with_what_was_meant() {
        insta::assert_snapshot!(faults("[run]\nexpect-elsewere = []\njobs = 0\n"), @r#"
error[settings]: `expect-elsewere` is not a key of `[run]`
 --> plimsoll.toml:2:1
  |
2 | expect-elsewere = []
  | ^^^^^^^^^^^^^^^
  |
  = help: did you mean `expect-elsewhere`?

error[settings]: at least one job has to run at a time
 --> plimsoll.toml:3:8
  |
3 | jobs = 0
  |        ^
  |
  = help: write `jobs = 1`
"#);
    }

    #[test]
    fn wrong_values_are_shown_where_they_stand() {
        let text = "[run]\nskip = [1]\njobs = \"4\"\nrunners = { a = \"docker\" }\nactions = { x = \"y\" }\nvariables = { \"a-b\" = \"c\" }\ncolour = 1\n";
        insta::assert_snapshot!(faults(text), @r#"
error[settings]: expected a text in quotes, found a number
 --> plimsoll.toml:2:9
  |
2 | skip = [1]
  |         ^

error[settings]: expected a whole number, found a text
 --> plimsoll.toml:3:8
  |
3 | jobs = "4"
  |        ^^^

error[settings]: `docker` is not a place where jobs can run
 --> plimsoll.toml:4:17
  |
4 | runners = { a = "docker" }
  |                 ^^^^^^^^
  |
  = help: write `"host"` or `"elsewhere"`

error[settings]: `x` does not name an action
 --> plimsoll.toml:5:13
  |
5 | actions = { x = "y" }
  |             ^
  |
  = help: write `"owner/repo"` or `"owner/repo@ref"`

error[settings]: `a-b` is not the name of a variable
 --> plimsoll.toml:6:15
  |
6 | variables = { "a-b" = "c" }
  |               ^^^^^
  |
  = help: names hold letters, digits and `_`, and begin with a letter or `_`

error[settings]: `colour` is not a key of `[run]`
 --> plimsoll.toml:7:1
  |
7 | colour = 1
  | ^^^^^^
  |
  = help: remove it, or update `plim` if it comes from a newer one than 0.1.0; known are `expect-elsewhere`, `runners`, `skip`, `jobs`, `disk`, `cold`, `heavy`, `credentials`, `actions`, `variables`
"#);
    }

    #[test]
    fn sizes_are_whole_numbers_of_a_unit() {
        for (text, bytes) in [
            ("20 GiB", Some(20 << 30)),
            ("512MiB", Some(512 << 20)),
            ("1 TiB", Some(1 << 40)),
            ("20", None),
            ("0 GiB", None),
            ("1.5 GiB", None),
            ("20 GB", None),
            ("99999999 TiB", None),
        ] {
            assert_eq!(size(text), bytes, "{text}");
        }
        assert!(faults("[run]\ndisk = \"much\"\n").contains("`much` is not a size"));
    }

    #[test]
    fn times_are_whole_numbers_of_a_unit() {
        for (text, minutes) in
            [("20 min", Some(20)), ("1h", Some(60)), ("0 min", None), ("20", None), ("1.5 h", None)]
        {
            assert_eq!(time(text), minutes.map(|n| Duration::from_secs(60 * n)), "{text}");
        }
        assert!(faults("[run]\nheavy = \"long\"\n").contains("`long` is not a time"));
        assert!(faults("[run]\ncold = -1\n").contains("cannot be negative"));
    }

    #[test]
    fn the_schema_for_editors_and_the_page_name_every_key() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let schema = fs::read_to_string(folder.join("schema/plimsoll.schema.json")).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        let page = fs::read_to_string(folder.join("settings.md")).unwrap();
        let named = |at: &str| -> Vec<String> {
            let mut names: Vec<_> =
                schema.pointer(at).unwrap().as_object().unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        for (at, keys) in [
            ("/properties", KEYS),
            ("/properties/run/properties", RUN_KEYS),
            ("/properties/check/properties", CHECK_KEYS),
            ("/$defs/shared/properties", EXTENDS_KEYS),
        ] {
            let mut keys = keys.to_vec();
            keys.sort_unstable();
            assert_eq!(named(at), keys);
            for key in keys {
                assert!(page.contains(&format!("`{key}`")), "`{key}` is not in docs/settings.md");
            }
        }
    }

    #[test]
    fn what_is_not_toml_is_shown_once() {
        insta::assert_snapshot!(faults("[run\njobs = 1\n"), @r#"
error[settings]: unclosed table, expected `]`
 --> plimsoll.toml:1:5
  |
1 | [run
  |     ^
"#);
    }

    #[test]
    fn a_newer_file_says_so_and_nothing_else() {
        insta::assert_snapshot!(faults("version = 2\nfuture = true\n"), @r#"
error[settings]: this file is of version 2, and this is `plim` 0.1.0
 --> plimsoll.toml:1:11
  |
1 | version = 2
  |           ^
  |
  = help: update `plim`
"#);
    }

    #[test]
    fn a_folder_without_the_file_has_no_settings() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), Settings::default());
        fs::write(folder.path().join(FILE), b"\xff").unwrap();
        assert!(read(folder.path()).is_err());
    }
}
