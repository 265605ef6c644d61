//! What `--fix` does to a file.

use std::{fs, io, io::Write, path::Path};

use plim_audit::{Finding, Mended, Safety, Subject, mend};

use crate::args::CheckArgs;

/// How far mending goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mending {
    /// Whether files are written.
    pub(super) write: bool,
    most: Safety,
}

impl Mending {
    /// What the arguments ask for; nothing without `--fix` and `--diff`.
    pub(super) fn asked(arguments: &CheckArgs) -> Option<Self> {
        let most = if arguments.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
        let asked = arguments.fix || arguments.diff;
        asked.then_some(Self { write: arguments.fix && !arguments.diff, most })
    }

    /// The mended text of a file that holds `bytes`, if anything can be mended.
    ///
    /// A file in another encoding than UTF-8 is left alone: its bytes are not those that edits speak of.
    pub(super) fn made(
        self,
        subject: &Subject,
        bytes: &[u8],
        findings: &[Finding],
    ) -> Option<Mended> {
        if bytes != subject.text().as_bytes() {
            return None;
        }
        Some(mend(subject, findings, self.most)).filter(|made| made.mended > 0)
    }
}

/// Makes the file at `path` hold `text`, all of it or nothing, whether it is there or not.
pub(in crate::command) fn put(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() {
        return write(path, text);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    // What others may read is for them to say, by their mask.
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Puts `text` in place of the file at `path`, all of it or nothing, with the permissions it had.
///
/// A link stays one: the file behind it is replaced.
pub(in crate::command) fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    let permissions = fs::metadata(&path)?.permissions();
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}
