//! Globs: which files a list of patterns names, exactly as GitHub's `@actions/glob` decides it.
//!
//! The language is `@actions/glob` 0.7.0 (`packages/glob` of actions/toolkit) over minimatch 10 with
//! `dot`, `nobrace`, `noext`, `nocomment` and `nonegate`, on Linux. Patterns stand one to a line; `#`
//! comments a line out, each leading `!` turns a pattern round, `~` is the home folder. The order of
//! what is found is part of the language, because `hashFiles` hashes in it: depth first, each folder's
//! names in byte order, as libuv's `scandir` sorts them.
//!
//! We differ on purpose in three corners, where the original is broken rather than particular: a name
//! that is not UTF-8 is found (there it is an error or passed over), `\|` is a plain bar (there it
//! becomes an alternative of the regular expression), and a POSIX class may stand beside `-`, `,`, `#`
//! and blanks (there the regular expression is rejected).

mod brace;
mod name;
mod pattern;
mod segment;

use std::{
    borrow::Cow,
    collections::HashMap,
    ffi::OsString,
    fmt, fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

pub use name::{NamePattern, NamePatternError};
use pattern::{Kinds, Pattern};

/// How a search goes; the defaults are those of `@actions/glob`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Folders behind symbolic links are searched, and broken links are passed over.
    pub follow_symbolic_links: bool,
    /// A pattern that names a folder names everything below it.
    pub implicit_descendants: bool,
    /// Folders are among what is found.
    pub match_directories: bool,
    /// What begins with a dot is passed over, with everything below it.
    pub exclude_hidden_files: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            follow_symbolic_links: true,
            implicit_descendants: true,
            match_directories: true,
            exclude_hidden_files: false,
        }
    }
}

/// A list of patterns, read and ready to search.
#[derive(Debug)]
pub struct Glob {
    patterns: Vec<Pattern>,
    options: Options,
}

/// Why a glob could not be read or searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GlobError {
    /// Nothing was left of a pattern after its `!`.
    Empty,
    /// `.` or `..` stands in a pattern where it may not.
    Relative {
        /// The pattern.
        pattern: String,
    },
    /// A pattern of more than 65,536 UTF-16 units.
    TooLong {
        /// How many it has.
        units: usize,
    },
    /// A file or folder could not be looked at.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The caller's patience ended first.
    Stopped,
}

impl fmt::Display for GlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a pattern is empty"),
            Self::Relative { pattern } => write!(
                f,
                "invalid pattern `{pattern}`: `.` and `..` are not allowed inside a pattern"
            ),
            Self::TooLong { units } => write!(
                f,
                "a pattern of {units} characters is longer than the limit of {}",
                pattern::LONGEST
            ),
            Self::Unreadable { path, reason } => {
                write!(f, "cannot look at `{}`: {reason}", path.display())
            }
            Self::Stopped => f.write_str("the search was stopped"),
        }
    }
}

impl std::error::Error for GlobError {}

impl GlobError {
    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Empty => Some("write a path after the `!`, or remove the line"),
            Self::Relative { .. } => {
                Some("write the path without `.` and `..`; a leading `./` is fine")
            }
            Self::TooLong { .. } => Some("use several shorter patterns, one to a line"),
            Self::Unreadable { .. } => Some("make it readable, or leave it out of the pattern"),
            Self::Stopped => None,
        }
    }

    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), reason: error.to_string() }
    }
}

impl Glob {
    /// Reads `patterns`, one to a line; relative ones begin at `folder`, `~` is `home`. Both are absolute.
    ///
    /// Errors: [`GlobError::Empty`], [`GlobError::Relative`], [`GlobError::TooLong`].
    pub fn new(
        patterns: &str,
        folder: &Path,
        home: &Path,
        options: Options,
    ) -> Result<Self, GlobError> {
        let mut read = Vec::new();
        for line in patterns.split('\n').map(trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            read.push(Pattern::new(line, folder, home)?);
        }
        Ok(Self { patterns: read, options })
    }

    /// The folders or files where a search begins: the literal beginning of each pattern, without those
    /// that another already covers.
    pub fn search_paths(&self) -> Vec<PathBuf> {
        search_paths(self.patterns.iter())
    }

    /// Everything that the patterns name, in the order of the language.
    ///
    /// Errors: [`GlobError::Unreadable`].
    pub fn find(&self) -> Result<Vec<PathBuf>, GlobError> {
        let mut found = Vec::new();
        self.visit(&mut |path| {
            found.push(path);
            true
        })?;
        Ok(found)
    }

    /// Hands each found path to `visit` while it answers true.
    ///
    /// Errors: [`GlobError::Unreadable`]; [`GlobError::Stopped`] when `visit` answered false.
    pub fn visit(&self, visit: &mut dyn FnMut(PathBuf) -> bool) -> Result<(), GlobError> {
        let mut patterns = Vec::with_capacity(2 * self.patterns.len());
        for pattern in &self.patterns {
            patterns.push(pattern.clone());
            patterns.extend(pattern.descendants().filter(|_| self.options.implicit_descendants));
        }
        Search { patterns: &patterns, options: self.options, chain: Vec::new() }.run(visit)
    }
}

/// Cuts what JavaScript's `trim` cuts.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}')
}

fn search_paths<'a>(patterns: impl Iterator<Item = &'a Pattern> + Clone) -> Vec<PathBuf> {
    let wanted = patterns.filter(|pattern| !pattern.negated);
    let mut included: HashMap<&Path, bool> =
        wanted.clone().map(|pattern| (pattern.search_path.as_path(), false)).collect();
    let mut paths = Vec::new();
    for pattern in wanted {
        let path = pattern.search_path.as_path();
        let covered = path.ancestors().skip(1).any(|ancestor| included.contains_key(ancestor));
        if !covered && included.insert(path, true) != Some(true) {
            paths.push(path.to_owned());
        }
    }
    paths
}

/// A path that is still to be looked at.
struct Candidate {
    path: PathBuf,
    /// How deep below the search path, from 1.
    level: usize,
    /// What reading the folder said of it, which saves a call to the system.
    kind: Option<fs::FileType>,
}

struct Search<'a> {
    patterns: &'a [Pattern],
    options: Options,
    /// The real paths of the folders above the current one, to see a cycle of symbolic links.
    chain: Vec<PathBuf>,
}

/// What a candidate is.
enum Found {
    Folder,
    File,
    /// A broken link, a cycle, or gone.
    Nothing,
}

impl Search<'_> {
    fn run(mut self, visit: &mut dyn FnMut(PathBuf) -> bool) -> Result<(), GlobError> {
        let mut stack = self.beginnings()?;
        while let Some(candidate) = stack.pop() {
            let parts = parts(&candidate.path);
            let kinds = self.kinds(&parts);
            let descend = kinds != Kinds::NONE
                || self.patterns.iter().any(|pattern| pattern.leads_to(&parts));
            if !descend {
                continue;
            }
            let found = self.look(&candidate)?;
            if self.options.exclude_hidden_files && is_hidden(&candidate.path) {
                continue;
            }
            let (named, folder) = match found {
                Found::Nothing => continue,
                Found::Folder => (kinds.folders() && self.options.match_directories, true),
                Found::File => (kinds.files(), false),
            };
            if folder {
                children(&candidate, &mut stack)?;
            }
            if named && !visit(candidate.path) {
                return Err(GlobError::Stopped);
            }
        }
        Ok(())
    }

    fn beginnings(&self) -> Result<Vec<Candidate>, GlobError> {
        let mut stack = Vec::new();
        for path in search_paths(self.patterns.iter()).into_iter().rev() {
            match fs::symlink_metadata(&path) {
                Ok(_) => stack.push(Candidate { path, level: 1, kind: None }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(GlobError::unreadable(&path, &error)),
            }
        }
        Ok(stack)
    }

    /// Later patterns overrule earlier ones.
    fn kinds(&self, parts: &[Cow<'_, str>]) -> Kinds {
        self.patterns.iter().fold(Kinds::NONE, |kinds, pattern| {
            let matched = pattern.matches(parts);
            if pattern.negated { kinds.without(matched) } else { kinds.with(matched) }
        })
    }

    fn look(&mut self, candidate: &Candidate) -> Result<Found, GlobError> {
        let kind = match candidate.kind {
            Some(kind) if !(kind.is_symlink() && self.options.follow_symbolic_links) => kind,
            _ => match self.kind_of(&candidate.path) {
                Ok(kind) => kind,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
                Err(error) => return Err(GlobError::unreadable(&candidate.path, &error)),
            },
        };
        match kind.is_dir() {
            true if self.options.follow_symbolic_links => self.enter(candidate),
            true => Ok(Found::Folder),
            false => Ok(Found::File),
        }
    }

    fn kind_of(&self, path: &Path) -> io::Result<fs::FileType> {
        let seen = if self.options.follow_symbolic_links {
            fs::metadata(path)
        } else {
            fs::symlink_metadata(path)
        };
        seen.map(|metadata| metadata.file_type())
    }

    fn enter(&mut self, candidate: &Candidate) -> Result<Found, GlobError> {
        let real = fs::canonicalize(&candidate.path)
            .map_err(|error| GlobError::unreadable(&candidate.path, &error))?;
        self.chain.truncate(candidate.level - 1);
        if self.chain.contains(&real) {
            return Ok(Found::Nothing);
        }
        self.chain.push(real);
        Ok(Found::Folder)
    }
}

/// Puts what a folder holds on the stack, so that the first name is taken first.
fn children(folder: &Candidate, stack: &mut Vec<Candidate>) -> Result<(), GlobError> {
    let failed = |error: io::Error| GlobError::unreadable(&folder.path, &error);
    let mut names: Vec<(OsString, Option<fs::FileType>)> = fs::read_dir(&folder.path)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| (entry.file_name(), entry.file_type().ok())))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    names.sort_by(|a, b| b.0.as_bytes().cmp(a.0.as_bytes()));
    stack.extend(names.into_iter().map(|(name, kind)| Candidate {
        path: folder.path.join(name),
        level: folder.level + 1,
        kind,
    }));
    Ok(())
}

/// The parts between the slashes: the first is empty, and for the root itself so is the second.
fn parts(path: &Path) -> Vec<Cow<'_, str>> {
    path.as_os_str().as_bytes().split(|byte| *byte == b'/').map(String::from_utf8_lossy).collect()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"."))
}

#[cfg(test)]
mod tests {
    use plim_test::sandbox::Sandbox;
    use proptest::prelude::*;

    use super::*;

    fn options() -> Options {
        Options::default()
    }

    /// What `patterns` finds in the sandbox, each path without the sandbox's own.
    fn found_with(world: &Sandbox, patterns: &str, options: Options) -> Vec<String> {
        let glob = Glob::new(patterns, world.path(), Path::new("/home/nobody"), options).unwrap();
        let short = |path: PathBuf| {
            path.strip_prefix(world.path())
                .map_or(path.clone(), Path::to_owned)
                .display()
                .to_string()
        };
        glob.find().unwrap().into_iter().map(short).collect()
    }

    fn found(world: &Sandbox, patterns: &str) -> Vec<String> {
        found_with(world, patterns, options())
    }

    fn tree() -> Sandbox {
        let world = Sandbox::new();
        for path in ["a.rs", "b.txt", "src/lib.rs", "src/deep/x.rs", "src/.hidden/y.rs", "B/z.rs"] {
            world.write(path, path);
        }
        world
    }

    #[test]
    fn a_folder_names_everything_below_it_depth_first_in_byte_order() {
        assert_eq!(
            found(&tree(), "src"),
            ["src", "src/.hidden", "src/.hidden/y.rs", "src/deep", "src/deep/x.rs", "src/lib.rs"]
        );
        assert_eq!(found(&tree(), "*.rs"), ["a.rs"]);
        assert_eq!(found(&tree(), "B\nsrc/lib.rs\na.rs"), ["B", "B/z.rs", "src/lib.rs", "a.rs"]);
    }

    #[test]
    fn two_stars_are_any_number_of_folders() {
        let all = ["B/z.rs", "a.rs", "src/.hidden/y.rs", "src/deep/x.rs", "src/lib.rs"];
        assert_eq!(found(&tree(), "**/*.rs"), all);
        assert_eq!(found(&tree(), "src/**/x.rs"), ["src/deep/x.rs"]);
        assert_eq!(found(&tree(), "**/deep/**"), ["src/deep", "src/deep/x.rs"]);
        assert_eq!(found(&tree(), "src**/lib.rs"), ["src/lib.rs"]);
        assert_eq!(found(&tree(), "**.rs"), ["a.rs"]);
    }

    #[test]
    fn later_lines_take_away_and_give_back() {
        let patterns =
            "# all sources\n  src/**/*.rs\r\n!src/deep\n! src/.hidden/**\n!!src/deep/x.rs";
        assert_eq!(found(&tree(), patterns), ["src/deep/x.rs", "src/lib.rs"]);
        assert_eq!(found(&tree(), "!src"), Vec::<String>::new());
    }

    #[test]
    fn a_slash_at_the_end_names_folders_only_but_what_is_below_counts() {
        let world = tree();
        assert_eq!(found(&world, "a.rs/"), Vec::<String>::new());
        assert_eq!(found(&world, "src/deep/"), ["src/deep", "src/deep/x.rs"]);
        let flat = Options { implicit_descendants: false, ..options() };
        assert_eq!(found_with(&world, "src/*/", flat), ["src/.hidden", "src/deep"]);
        assert_eq!(found_with(&world, "src/*", flat), ["src/.hidden", "src/deep", "src/lib.rs"]);
    }

    #[test]
    fn braces_and_extended_groups_are_plain_text() {
        let world = Sandbox::new();
        world.write("{a,b}", "").write("a", "").write("+(a)", "");
        assert_eq!(found(&world, "{a,b}"), ["{a,b}"]);
        assert_eq!(found(&world, "+(a)"), ["+(a)"]);
    }

    #[test]
    fn classes_follow_minimatch() {
        let world = Sandbox::new();
        for name in ["a", "b", "c", "]", "-", "é", "7", "[x]"] {
            world.write(name, "");
        }
        assert_eq!(found(&world, "[a-b]"), ["a", "b"]);
        assert_eq!(found(&world, "[!a-c]"), ["-", "7", "]", "é"]);
        assert_eq!(found(&world, "?[[:alpha:]]"), Vec::<String>::new());
        assert_eq!(found(&world, "[[:alpha:]]"), ["a", "b", "c", "é"]);
        assert_eq!(found(&world, "[[:digit:]-]"), ["-", "7"]);
        assert_eq!(found(&world, "[c-ab]"), ["b"]);
        assert_eq!(found(&world, r"\[x\]"), ["[x]"]);
        assert_eq!(found(&world, "[[]x]"), ["[x]"]);
    }

    #[test]
    fn the_home_folder_and_absolute_paths_are_roots() {
        let (home, world) = (Sandbox::new(), tree());
        home.write(".cargo/config", "");
        let patterns = format!("~/.cargo\n./a.rs\n{}", world.at("b.txt").display());
        let glob = Glob::new(&patterns, world.path(), home.path(), options()).unwrap();
        let expected =
            [home.at(".cargo"), home.at(".cargo/config"), world.at("a.rs"), world.at("b.txt")];
        assert_eq!(glob.find().unwrap(), expected);
        assert_eq!(glob.search_paths(), [home.at(".cargo"), world.at("a.rs"), world.at("b.txt")]);
    }

    #[test]
    fn a_folder_name_that_looks_like_a_pattern_is_taken_as_it_is() {
        let world = Sandbox::new();
        world.write("[w]*?/a.rs", "");
        let folder = world.at("[w]*?");
        let glob = Glob::new("*.rs", &folder, Path::new("/"), options()).unwrap();
        assert_eq!(glob.find().unwrap(), [folder.join("a.rs")]);
    }

    #[test]
    fn links_are_followed_unless_not_and_cycles_end() {
        let world = Sandbox::new();
        world.write("real/x", "").symlink("real/up", "..").symlink("broken", "nowhere");
        world.symlink("link", "real");
        assert_eq!(
            found(&world, "**"),
            ["", "link", "link/x", "real", "real/x"],
            "`up` leads back to where the search already is, and `broken` nowhere"
        );
        let physical = Options { follow_symbolic_links: false, ..options() };
        assert_eq!(
            found_with(&world, "**", physical),
            ["", "broken", "link", "real", "real/up", "real/x"]
        );
    }

    #[test]
    fn hidden_files_are_passed_over_with_all_below_them() {
        let shown = Options { exclude_hidden_files: true, match_directories: false, ..options() };
        assert_eq!(found_with(&tree(), "src", shown), ["src/deep/x.rs", "src/lib.rs"]);
        assert_eq!(found_with(&tree(), "src/.hidden", shown), Vec::<String>::new());
    }

    #[test]
    fn names_that_are_not_utf_8_are_found() {
        use std::os::unix::ffi::OsStringExt;
        let world = Sandbox::new();
        let name = OsString::from_vec(b"\xff.rs".to_vec());
        world.write(&name, "");
        let glob = Glob::new("*.rs", world.path(), Path::new("/"), options()).unwrap();
        assert_eq!(glob.find().unwrap(), [world.at(&name)]);
    }

    #[test]
    fn dots_in_a_pattern_and_empty_ones_are_errors() {
        let read =
            |text: &str| Glob::new(text, Path::new("/w"), Path::new("/h"), options()).unwrap_err();
        assert_eq!(read("a/../b").to_string().split(':').next(), Some("invalid pattern `a/../b`"));
        assert!(matches!(read("a/./b"), GlobError::Relative { .. }));
        assert!(matches!(read(r"a/\.\./b"), GlobError::Relative { .. }));
        assert_eq!(read("a\n! "), GlobError::Empty);
        assert_eq!(read(&"a".repeat(70_000)), GlobError::TooLong { units: 70_000 });
    }

    #[test]
    fn what_would_lie_in_a_file_is_an_error_as_in_the_toolkit() {
        let world = Sandbox::new();
        world.write("file", "");
        let glob = Glob::new("file/a", world.path(), world.path(), options()).unwrap();
        let error = glob.find().unwrap_err().to_string();
        assert!(error.contains("file/a") && error.contains("Not a directory"), "{error}");
        assert_eq!(found(&world, "other/a"), Vec::<String>::new());
    }

    #[test]
    fn patterns_that_take_others_forever_take_no_time() {
        let world = Sandbox::new();
        let deep = "a/".repeat(30);
        world.write(format!("{deep}{}", "a".repeat(200)), "");
        let stars = format!("{}b", "*a".repeat(60));
        assert_eq!(found(&world, &format!("**/{stars}")), Vec::<String>::new());
        let folders = format!("{}b", "**/a/".repeat(25));
        assert_eq!(found(&world, &folders), Vec::<String>::new());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]
        #[test]
        fn any_text_is_patterns_or_an_error(text in r"[-a/*?!\[\]^\\.#~\n :]{0,30}") {
            let world = Sandbox::new();
            world.write("a/a-a/b", "").write("a/[", "").write("-", "");
            let glob = Glob::new(&text, &world.at("a"), &world.at("a/a-a"), options());
            // `!!/` searches this whole machine, which is what it says.
            let within = |glob: &Glob| glob.search_paths().iter().all(|path| path.starts_with(world.path()));
            match glob.ok().filter(within).map(|glob| glob.find()) {
                Some(Ok(found)) => prop_assert!(found.iter().all(|path| path.starts_with(world.path()))),
                Some(Err(error)) => {
                    let GlobError::Unreadable { path, .. } = &error else { panic!("{error}") };
                    prop_assert!(path.ancestors().skip(1).any(Path::is_file), "{}", error);
                }
                None => {}
            }
        }

        #[test]
        fn an_escaped_name_finds_exactly_that_name(name in r"[-a*?!\[\]^\\.#~ ]{1,12}") {
            prop_assume!(name.trim() == name && name != "." && name != "..");
            let world = Sandbox::new();
            world.write(&name, "").write("other", "");
            let escaped: String = name.chars().flat_map(|c| ['\\', c]).collect();
            prop_assert_eq!(found(&world, &format!("./{escaped}")), [name]);
        }
    }
}
