//! `lfs: true`: puts large files in the place of their pointers, as far as the user's clone has them.
//!
//! The files come from the storage that Git LFS keeps in the user's repository; nothing is fetched. Git LFS itself must
//! be on the machine, because from then on git asks it whether such a file has changed.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use plim_host::{files, git::Layout};
use sha2::{Digest, Sha256};

use super::super::{Answer, Asked, Call, Failure, Invocation};
use crate::{builtin::Refusal, glob::trim, hash_files::hexadecimal, want::Want};

/// What a pointer begins with.
const MARK: &str = "version https://git-lfs.github.com/spec/v1\n";
/// The most bytes that a pointer has, as Git LFS reads them.
const LARGEST_POINTER: u64 = 1024;
/// The program.
const PROGRAM: &str = "git-lfs";
/// What `git lfs install --local` sets, but for the process that takes many files at once.
const SETTINGS: &str = "[filter \"lfs\"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n\
    \trequired = true\n";
/// How many files git is told of at once.
const AT_ONCE: usize = 500;

/// A large file of which the tree holds only the pointer.
struct Pointer {
    file: PathBuf,
    digest: String,
    size: u64,
}

/// What the step needs of the machine.
pub(super) fn wants(asked: &Asked<'_>) -> Vec<Want> {
    if is_asked(asked) && uses_large_files(asked.root) { vec![program()] } else { Vec::new() }
}

fn program() -> Want {
    Want::Tool { name: PROGRAM.to_owned(), version: None }
}

/// Why the files of the user's tree cannot be brought: one is not in the storage of the clone.
pub(super) fn obstacle(asked: &Asked<'_>) -> Option<Refusal> {
    if !is_asked(asked) || !uses_large_files(asked.root) {
        return None;
    }
    let storage = Layout::discover(asked.root).ok().flatten().map(|layout| layout.large_files());
    let missing = pointers(asked.root)
        .into_iter()
        .find(|pointer| storage.as_ref().is_none_or(|storage| !pointer.place(storage).is_file()))?;
    let file = missing.file.strip_prefix(asked.root).unwrap_or(&missing.file);
    Some(Refusal { input: "lfs", reason: absent(file) })
}

fn absent(file: &Path) -> String {
    format!(
        "the large file `{}` is not in the local clone, and nothing is fetched; `git lfs fetch` gets it",
        file.display()
    )
}

fn is_asked(asked: &Asked<'_>) -> bool {
    asked.input("lfs").is_some_and(|lfs| lfs.eq_ignore_ascii_case("true"))
}

/// Does what the real action does with `lfs: true`, for the tree that it has checked out.
pub(super) fn bring(
    cx: &mut Invocation<'_>,
    storage: Option<&Path>,
    tree: &Path,
) -> Result<(), Failure> {
    if !cx.is_true("lfs") || !uses_large_files(tree) {
        return Ok(());
    }
    if cx.toolbox.has(&program()).here().is_none() {
        let message = format!("`{PROGRAM}` is not on this machine, and the input `lfs` needs it");
        return Err(Failure::new(message).advise("install Git LFS, or set `lfs: false`"));
    }
    cx.log.group("Fetching LFS objects");
    let pointers = pointers(tree);
    for pointer in &pointers {
        cx.check_cancelled()?;
        pointer.replace(storage, tree)?;
    }
    let config = tree.join(".git/config");
    let file = fs::OpenOptions::new().append(true).open(&config);
    file.and_then(|mut file| file.write_all(SETTINGS.as_bytes()))
        .map_err(|error| Failure::new(format!("cannot write `{}`: {error}", config.display())))?;
    pointers.chunks(AT_ONCE).try_for_each(|some| refresh(cx, tree, some))?;
    warn_of_others(cx, tree, &pointers)?;
    cx.log.end_group();
    Ok(())
}

/// Lets git see that the files are those that it has pointers of, as `git lfs pull` does: a size that differs is a
/// change to it, whatever the filter says.
fn refresh(cx: &Invocation<'_>, tree: &Path, pointers: &[Pointer]) -> Result<(), Failure> {
    let options = ["update-index", "-q", "--refresh", "--"].map(str::to_owned);
    let files = pointers.iter().map(|pointer| pointer.file.to_string_lossy().into_owned());
    match git(cx, tree, options.into_iter().chain(files).collect())?.code {
        0 => Ok(()),
        code => Err(Failure::new(format!("`git update-index` of large files ended with {code}"))),
    }
}

/// Git's filter would make pointers of files that the commit holds itself, as one of uncommitted work does.
fn warn_of_others(
    cx: &mut Invocation<'_>,
    tree: &Path,
    pointers: &[Pointer],
) -> Result<(), Failure> {
    let list = ["ls-files", "-z", ":(attr:filter=lfs)"].map(str::to_owned);
    let listed = git(cx, tree, list.into())?.text;
    let is_other = |path: &&str| {
        !path.is_empty() && !pointers.iter().any(|pointer| pointer.file == tree.join(path))
    };
    if let Some(other) = listed.split('\0').find(is_other) {
        cx.log.warning(&format!(
            "`{other}` is in the commit itself and not in Git LFS, as uncommitted files are: git may show it as changed"
        ));
    }
    Ok(())
}

/// Runs git as a step does.
fn git(cx: &Invocation<'_>, tree: &Path, arguments: Vec<String>) -> Result<Answer, Failure> {
    let (program, directory) = ("git".to_owned(), tree.to_owned());
    (cx.run)(&Call { program, arguments, directory, variables: Vec::new(), shown: false })
}

impl Pointer {
    fn read(file: PathBuf) -> Option<Self> {
        let mut text = String::new();
        File::open(&file).ok()?.take(LARGEST_POINTER).read_to_string(&mut text).ok()?;
        let rest = text.strip_prefix(MARK)?;
        let value = |name: &str| rest.lines().find_map(|line| line.strip_prefix(name));
        let digest = value("oid sha256:")?;
        let is_digest = digest.len() == 64 && digest.bytes().all(|c| c.is_ascii_hexdigit());
        let (digest, size) = (digest.to_owned(), value("size ")?.parse().ok()?);
        is_digest.then_some(Self { file, digest, size })
    }

    /// Where Git LFS keeps the file.
    fn place(&self, storage: &Path) -> PathBuf {
        storage.join(&self.digest[..2]).join(&self.digest[2..4]).join(&self.digest)
    }

    fn replace(&self, storage: Option<&Path>, tree: &Path) -> Result<(), Failure> {
        let name = self.file.strip_prefix(tree).unwrap_or(&self.file);
        let kept = storage.map(|storage| self.place(storage)).filter(|kept| kept.is_file());
        let kept = kept.ok_or_else(|| Failure::new(absent(name)))?;
        let failed = |error: io::Error| {
            Failure::new(format!("cannot read the large file `{}`: {error}", kept.display()))
        };
        let mode = fs::metadata(&self.file).map_err(failed)?.permissions();
        // The pointer was written now, and so is what takes its place, however old it is in the storage.
        let time = files::modified(&self.file)?;
        files::copy_tree(&kept, &self.file)?;
        fs::set_permissions(&self.file, mode).map_err(failed)?;
        files::set_modified(&self.file, time)?;
        if digest_of(&self.file).map_err(failed)? == (self.size, self.digest.clone()) {
            return Ok(());
        }
        let message = format!("the large file `{}` is damaged in the local clone", name.display());
        Err(Failure::new(message).advise("get it again: `git lfs fetch --refetch`"))
    }
}

/// How many bytes a file has, and their digest.
fn digest_of(file: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut digest, mut size) = (File::open(file)?, Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((size, hexadecimal(&digest.finalize()))),
            length => {
                digest.update(&buffer[..length]);
                size += length as u64;
            }
        }
    }
}

/// Whether a `.gitattributes` sends files through Git LFS.
fn uses_large_files(tree: &Path) -> bool {
    let says = |line: &str| !trim(line).starts_with('#') && line.contains("filter=lfs");
    let is_one = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name == ".gitattributes")
            && fs::read(path).is_ok_and(|text| String::from_utf8_lossy(&text).lines().any(says))
    };
    files_of(tree).iter().any(is_one)
}

fn pointers(tree: &Path) -> Vec<Pointer> {
    let is_small = |path: &PathBuf| {
        fs::symlink_metadata(path).is_ok_and(|found| found.len() <= LARGEST_POINTER)
    };
    files_of(tree).into_iter().filter(is_small).filter_map(Pointer::read).collect()
}

/// The files below a folder, without those of repositories inside it and of build folders.
fn files_of(tree: &Path) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![tree.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            let is_other = || path.join(".git").exists() || path.join("CACHEDIR.TAG").exists();
            if kind.is_dir() && entry.file_name() != ".git" && !is_other() {
                folders.push(path);
            } else if kind.is_file() {
                found.push(path);
            }
        }
    }
    found
}
