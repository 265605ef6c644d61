//! `extends` of `[check]`: settings that repositories share, in files pinned by their digests.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use plim_diag::{Diagnostic, Sources, Span, Spanned};
use sha2::{Digest, Sha256};

use super::{
    CODE, CheckSettings, FILE, check, is_newer, stray,
    table::{self, Reader, Table, Value},
    unknown,
};
use crate::{exit::Exit, refusal::Refusal};

/// Keys of a table of `extends`.
pub(crate) const EXTENDS_KEYS: &[&str] = &["path", "sha256"];

/// Keys of a shared file.
const SHARED_KEYS: &[&str] = &["version", "check"];

/// How many files may lie between a repository's own and the last that is extended, with that one.
const DEPTH: usize = 5;

/// How many files are read in all; a file that is extended in two ways counts twice.
const FILES: usize = 32;

/// The bytes of the longest file that is read.
const LONGEST: u64 = 256 << 10;

/// A file whose settings hold, too.
#[derive(Debug, PartialEq)]
pub(super) struct Shared {
    /// Where it is, seen from the folder of the file that names it.
    path: Spanned<String>,
    /// The digest of its bytes: 64 hexadecimal digits in lower case.
    sha256: Spanned<String>,
}

/// Understands as much of `extends` as can be understood.
pub(super) fn read(reader: &mut Reader, value: Value<'_>) -> Vec<Shared> {
    let wanted = "a table, such as `{ path = \"…\", sha256 = \"…\" }`";
    let tables = reader.tables(wanted, value);
    tables.iter().filter_map(|table| shared(reader, table)).collect()
}

/// What `own`, the `[check]` of the repository at `root`, says together with all that it extends.
///
/// Errors: a file is missing, has another digest, says what nobody understands, or leads in a circle. `text`, which the
/// repository's own file holds, shows where that is asked for.
pub(super) fn follow(
    root: &Path,
    own: CheckSettings,
    text: &str,
) -> Result<CheckSettings, Refusal> {
    let mut sources = Sources::new();
    sources.add(FILE, text);
    let mut walk = Walk { root, sources, diagnostics: vec![], files: 0 };
    let place = fs::canonicalize(root.join(FILE)).unwrap_or_else(|_| root.join(FILE));
    let settings = walk.whole(own, &mut vec![Step { shown: FILE.to_owned(), place }]);
    let Walk { sources, diagnostics, .. } = walk;
    if diagnostics.is_empty() {
        Ok(settings)
    } else {
        Err(Refusal { exit: Exit::Usage, diagnostics, sources })
    }
}

fn shared(reader: &mut Reader, table: &Spanned<Table<'_>>) -> Option<Shared> {
    unknown(reader, &table.value, EXTENDS_KEYS, "a key of a file that is extended");
    let path = table.value.get("path");
    if path.is_none() {
        let help = "write `path = \"…\"`, seen from the folder of this file".to_owned();
        reader.fault(table.span, "no `path` says which file is extended", Some(help));
    }
    let path = path.and_then(|value| relative(reader, value));
    let Some(value) = table.value.get("sha256") else {
        let message = "no `sha256` pins the file that is extended";
        let help = "read the file, then write the digest that `sha256sum` tells of it".to_owned();
        reader.fault(table.span, message, Some(help));
        return None;
    };
    let sha256 = digits(reader, value);
    Some(Shared { path: path?, sha256: sha256? })
}

fn relative(reader: &mut Reader, value: Value<'_>) -> Option<Spanned<String>> {
    let path = reader.text(value)?;
    let fits = !path.is_empty() && !path.contains('\0') && Path::new(&path).is_relative();
    if !fits {
        let help = "write it as it is seen from the folder of this file".to_owned();
        reader.fault(value.span, &format!("`{path}` is no relative path"), Some(help));
    }
    fits.then(|| Spanned::new(path, value.span))
}

fn digits(reader: &mut Reader, value: Value<'_>) -> Option<Spanned<String>> {
    let text = reader.text(value)?;
    let fits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !fits {
        let help = "write the 64 digits from 0 to f that `sha256sum` tells of the file".to_owned();
        reader.fault(value.span, &format!("`{text}` is no digest"), Some(help));
    }
    fits.then(|| Spanned::new(text.to_ascii_lowercase(), value.span))
}

/// Understands as much of a shared file as can be understood.
fn parse(path: &str, text: &str) -> (CheckSettings, Vec<Diagnostic>) {
    table::document(path, CODE, text, |reader, document| {
        if is_newer(reader, document) {
            return CheckSettings::default();
        }
        for (key, span) in document.keys() {
            known(reader, Spanned::new(key, span));
        }
        let check = document.get("check").and_then(|value| reader.table(value));
        check.map(|check| check::read(reader, &check)).unwrap_or_default()
    })
}

fn known(reader: &mut Reader, key: Spanned<&str>) {
    if key.value == "run" {
        let help = format!("write it in the `{FILE}` of each repository");
        reader.fault(key.span, "`[run]` cannot be shared, only `[check]` can", Some(help));
    } else if !SHARED_KEYS.contains(&key.value) {
        stray(reader, key, SHARED_KEYS, "a table or key of a shared file");
    }
}

/// Goes through shared files and collects what is wrong with them.
struct Walk<'a> {
    root: &'a Path,
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
    files: usize,
}

/// A file on the way from the repository's own to the one that is read.
struct Step {
    /// Its path, seen from the root of the repository.
    shown: String,
    /// The same without links and detours.
    place: PathBuf,
}

/// Why a file cannot be extended, and the part of the file that names it where that is said.
struct Fault {
    span: Span,
    message: String,
    help: String,
}

impl Walk<'_> {
    /// `own` over what it extends, the last of which is over the others; `way` ends with the file of `own`.
    fn whole(&mut self, mut own: CheckSettings, way: &mut Vec<Step>) -> CheckSettings {
        let mut all = CheckSettings::default();
        for shared in std::mem::take(&mut own.extends) {
            if let Some(settings) = self.extended(&shared, way) {
                all = settings.over(all);
            }
        }
        own.over(all)
    }

    fn extended(&mut self, shared: &Shared, way: &mut Vec<Step>) -> Option<CheckSettings> {
        match self.pinned(shared, way) {
            Ok((step, text)) => {
                let (settings, diagnostics) = parse(&step.shown, &text);
                self.sources.add(step.shown.as_str(), text);
                diagnostics.into_iter().for_each(|diagnostic| self.tell(diagnostic));
                way.push(step);
                let whole = self.whole(settings, way);
                way.pop();
                Some(whole)
            }
            Err(Fault { span, message, help }) => {
                let naming = way.last().map_or(FILE, |step| step.shown.as_str());
                self.tell(Diagnostic::error(CODE, message).at(naming, span).help(help));
                None
            }
        }
    }

    /// A file that is extended in two ways is blamed once.
    fn tell(&mut self, diagnostic: Diagnostic) {
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// The file that `shared` names at the end of `way`, with its text, which has the digest that stands there.
    fn pinned(&mut self, shared: &Shared, way: &[Step]) -> Result<(Step, String), Fault> {
        let at_path = |message: String, help: &str| Fault {
            span: shared.path.span,
            message,
            help: help.to_owned(),
        };
        let step = self.step(shared, way)?;
        let shown = &step.shown;
        let bytes = bytes(&step.place).map_err(|why| {
            at_path(format!("cannot read `{shown}`: {why}"), "name a file of settings")
        })?;
        let found = hexadecimal(&Sha256::digest(&bytes));
        if found != shared.sha256.value {
            return Err(Fault {
                span: shared.sha256.span,
                message: format!("`{shown}` has another digest: {found}"),
                help: format!("read what changed in it, then write `sha256 = \"{found}\"`"),
            });
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| at_path(format!("`{shown}` is not UTF-8"), "save it as UTF-8"))?;
        Ok((step, text))
    }

    /// Where `shared` leads, unless that is too far or back to a file of `way`.
    fn step(&mut self, shared: &Shared, way: &[Step]) -> Result<Step, Fault> {
        let fault = |message: String, help: &str| Fault {
            span: shared.path.span,
            message,
            help: help.to_owned(),
        };
        let naming = way.last().map_or(FILE, |step| step.shown.as_str());
        let shown = Path::new(naming).parent().unwrap_or(Path::new("")).join(&shared.path.value);
        let place = fs::canonicalize(self.root.join(&shown));
        let shown = shown.to_string_lossy().into_owned();
        let place = place.map_err(|why| {
            let help = "write its path as it is seen from the folder of this file";
            fault(format!("cannot read `{shown}`: {}", reason(&why)), help)
        })?;
        // Before its digest is looked at: in a circle, no digest can ever be right.
        if way.iter().any(|step| step.place == place) {
            return Err(fault(format!("`{shown}` extends itself"), "remove it here"));
        }
        if way.len() > DEPTH {
            let message = format!("`{shown}` is more than {DEPTH} files away from `{FILE}`");
            return Err(fault(message, "name it in a file that is nearer"));
        }
        if self.files == FILES {
            let message = format!("`{shown}` is one file more than the {FILES} that are read");
            return Err(fault(message, "put what they say into fewer files"));
        }
        self.files += 1;
        Ok(Step { shown, place })
    }
}

/// All bytes of the file at `place`, or why they are not to be had.
fn bytes(place: &Path) -> Result<Vec<u8>, String> {
    let failed = |error: io::Error| reason(&error);
    // What is no file, such as a pipe, might never end or never begin.
    if !fs::metadata(place).map_err(failed)?.is_file() {
        return Err("it is no file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(place).map_err(failed)?;
    let length = file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if length as u64 > LONGEST {
        return Err(format!("it is longer than {} KiB", LONGEST >> 10));
    }
    Ok(bytes)
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
