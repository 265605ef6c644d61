//! `hashFiles`: one hash over the files that some patterns name.
//!
//! As the runner's `HashFilesFunction` and the helper it starts (`src/Misc/expressionFunc/hashFiles` of
//! actions/runner): SHA-256 over the binary SHA-256 of each file, in the order of the globs.

use std::{
    fmt, fs, io,
    io::Read,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::glob::{Glob, GlobError, Options};

/// How long the runner lets `hashFiles` take.
pub const LIMIT: std::time::Duration = std::time::Duration::from_secs(120);

/// The only option; it may stand as the first argument, in any case.
const FOLLOW: &str = "--follow-symbolic-links";

/// Why no hash could be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HashFilesError {
    /// The first argument looks like an option that there is none of.
    Option(String),
    /// The patterns could not be read or searched.
    Glob(GlobError),
    /// A file could not be read.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// It took longer than [`LIMIT`], or was cancelled.
    TookTooLong {
        /// The patterns.
        patterns: String,
    },
}

impl fmt::Display for HashFilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(option) => {
                write!(f, "`hashFiles` has no option `{option}`; the only one is `{FOLLOW}`")
            }
            Self::Glob(error) => write!(f, "`hashFiles` failed: {error}"),
            Self::Unreadable { path, reason } => {
                write!(f, "`hashFiles` cannot read `{}`: {reason}", path.display())
            }
            Self::TookTooLong { patterns } => {
                write!(
                    f,
                    "`hashFiles('{patterns}')` did not finish within {} seconds",
                    LIMIT.as_secs()
                )
            }
        }
    }
}

impl std::error::Error for HashFilesError {}

impl HashFilesError {
    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Option(_) => Some("patterns that begin with `--` need `./` in front"),
            Self::Glob(error) => error.help(),
            Self::Unreadable { .. } => Some("make it readable, or leave it out of the pattern"),
            Self::TookTooLong { .. } => {
                Some("narrow the patterns, so that fewer folders are searched")
            }
        }
    }
}

/// The hash of the files in `workspace` that `arguments` name, as hexadecimal digits; empty when they
/// name none. `expired` is asked between files and blocks and ends the work when it answers true.
///
/// Errors: those of [`HashFilesError`].
pub fn hash_files(
    arguments: &[&str],
    workspace: &Path,
    home: &Path,
    expired: &dyn Fn() -> bool,
) -> Result<String, HashFilesError> {
    let (follow_symbolic_links, patterns) = options(arguments)?;
    // The runner's helper works in this folder and asks the system for its name, which has no links.
    let workspace = fs::canonicalize(workspace).map_err(|error| unreadable(workspace, &error))?;
    let options = Options { follow_symbolic_links, ..Options::default() };
    let glob =
        Glob::new(&patterns.join("\n"), &workspace, home, options).map_err(HashFilesError::Glob)?;
    let mut all = Sha256::new();
    let mut any = false;
    let mut failure = None;
    let searched = glob.visit(&mut |path| match add(&path, &workspace, &mut all, expired) {
        Ok(added) => {
            any |= added;
            !expired()
        }
        Err(error) => {
            failure = Some(error);
            false
        }
    });
    let too_long = || HashFilesError::TookTooLong { patterns: patterns.join(", ") };
    match (searched, failure) {
        (_, Some(Stop::Unreadable(error))) => Err(error),
        (_, Some(Stop::Expired)) | (Err(GlobError::Stopped), None) => Err(too_long()),
        (Err(error), None) => Err(HashFilesError::Glob(error)),
        (Ok(()), None) if any => Ok(hexadecimal(&all.finalize())),
        (Ok(()), None) => Ok(String::new()),
    }
}

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn options<'a>(arguments: &'a [&'a str]) -> Result<(bool, &'a [&'a str]), HashFilesError> {
    match arguments {
        [first, rest @ ..] if first.eq_ignore_ascii_case(FOLLOW) => Ok((true, rest)),
        [first, ..] if first.starts_with("--") => Err(HashFilesError::Option((*first).to_owned())),
        all => Ok((false, all)),
    }
}

/// Why the work ends.
enum Stop {
    Expired,
    Unreadable(HashFilesError),
}

/// Adds the hash of the file at `path`; false for a folder and for what is outside the workspace.
fn add(
    path: &Path,
    workspace: &Path,
    all: &mut Sha256,
    expired: &dyn Fn() -> bool,
) -> Result<bool, Stop> {
    let failed = |error: io::Error| Stop::Unreadable(unreadable(path, &error));
    let under = path.as_os_str().as_bytes().strip_prefix(workspace.as_os_str().as_bytes());
    if !under.is_some_and(|rest| rest.starts_with(b"/")) {
        return Ok(false);
    }
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Ok(false);
    }
    if !metadata.is_file() {
        // Reading a pipe would wait for a writer that never comes.
        return Err(failed(io::Error::other("it is not a regular file")));
    }
    let mut file = fs::File::open(path).map_err(failed)?;
    let mut one = Sha256::new();
    let mut block = vec![0; 64 * 1024];
    loop {
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(length) => one.update(&block[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
        if expired() {
            return Err(Stop::Expired);
        }
    }
    all.update(one.finalize());
    Ok(true)
}

fn unreadable(path: &Path, error: &io::Error) -> HashFilesError {
    HashFilesError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use plim_test::sandbox::Sandbox;

    use super::*;

    fn hash(world: &Sandbox, arguments: &[&str]) -> Result<String, HashFilesError> {
        hash_files(arguments, world.path(), Path::new("/home/nobody"), &|| false)
    }

    /// SHA-256 over the SHA-256 of each content.
    fn expected(contents: &[&str]) -> String {
        let mut all = Sha256::new();
        contents.iter().for_each(|content| all.update(Sha256::digest(content)));
        hexadecimal(&all.finalize())
    }

    #[test]
    fn semantic_40_a_hash_over_the_hashes_in_the_order_of_the_globs() {
        let world = Sandbox::new();
        world.write("b/Cargo.lock", "one").write("a.lock", "two").write("B/x/Cargo.lock", "three");
        assert_eq!(hash(&world, &["**/Cargo.lock"]).unwrap(), expected(&["three", "one"]));
        let listed = hash(&world, &["b/Cargo.lock", "a.lock\n# comment\n!b/**"]).unwrap();
        assert_eq!(listed, expected(&["two"]));
        assert_eq!(hash(&world, &["b/Cargo.lock", "a.lock"]).unwrap(), expected(&["one", "two"]));
        assert_eq!(
            hash(&world, &["b"]).unwrap(),
            expected(&["one"]),
            "folders are searched, not hashed"
        );
    }

    #[test]
    fn semantic_40_nothing_matched_is_empty() {
        let world = Sandbox::new();
        world.folder("empty");
        assert_eq!(hash(&world, &["**/Cargo.lock"]).unwrap(), "");
        assert_eq!(hash(&world, &["empty"]).unwrap(), "");
        assert_eq!(hash(&world, &[]).unwrap(), "");
    }

    #[test]
    fn semantic_40_files_outside_the_workspace_do_not_count() {
        let (world, outside) = (Sandbox::new(), Sandbox::new());
        outside.write("x", "secret");
        world.write("y", "mine");
        let both = format!("{}/**", outside.path().display());
        assert_eq!(hash(&world, &[&both]).unwrap(), "");
        assert_eq!(hash(&world, &[&both, "y"]).unwrap(), expected(&["mine"]));
    }

    #[test]
    fn semantic_40_links_are_followed_only_when_asked() {
        let world = Sandbox::new();
        world.write("real/x", "x").symlink("link", "real");
        assert_eq!(hash(&world, &["**/x"]).unwrap(), expected(&["x"]));
        assert_eq!(
            hash(&world, &["--Follow-Symbolic-Links", "**/x"]).unwrap(),
            expected(&["x", "x"])
        );
        let error = hash(&world, &["--follow", "x"]).unwrap_err();
        assert_eq!(error, HashFilesError::Option("--follow".to_owned()));
    }

    #[test]
    fn semantic_40_it_gives_up_when_its_time_is_over() {
        let world = Sandbox::new();
        world.write("x", "x");
        let result = hash_files(&["x"], world.path(), world.path(), &|| true);
        let message = result.unwrap_err().to_string();
        assert_eq!(message, "`hashFiles('x')` did not finish within 120 seconds");
    }

    #[test]
    fn a_broken_link_and_a_pipe_are_errors() {
        let world = Sandbox::new();
        world.symlink("broken", "nowhere");
        assert!(matches!(hash(&world, &["broken"]), Err(HashFilesError::Unreadable { .. })));
        let gone = hash_files(&["x"], &world.at("gone"), world.path(), &|| false);
        assert!(matches!(gone, Err(HashFilesError::Unreadable { .. })));
    }
}
