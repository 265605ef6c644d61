//! Makes a planned room: writes its home, and says what the host has to mount.

use std::{
    fmt, fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use plim_host::{Overlay, Room, files};

use super::{RoomPlan, Survey, Tool};

/// How installed tools are kept from changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layers<'a> {
    /// Tools that the job's scripts write to, by the names of the programs in them, get a layer: what steps write lands
    /// in `folder` and is there again for the next room with that folder. The others are read-only, because a layer
    /// costs the time of several processes.
    Overlay {
        /// Takes what is written.
        folder: &'a Path,
        /// Everything that the job runs, as far as it is known.
        scripts: &'a str,
    },
    /// Steps cannot write there: where overlays are not to be had.
    ReadOnly,
}

/// Something of a room that could not be made.
#[derive(Debug)]
pub struct FurnishError {
    /// What.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl FurnishError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        "check that the folder can be written and that its disk has room"
    }
}

impl fmt::Display for FurnishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not prepare `{}` for the job: {}", self.path.display(), self.source)
    }
}

impl std::error::Error for FurnishError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl Survey {
    /// Writes the programs that refuse into `folder`, which [`super::Places::withheld`] then names: once for a run.
    ///
    /// Errors: the first that could not be made.
    pub fn furnish(&self, folder: &Path) -> Result<(), FurnishError> {
        for (program, script) in &self.withheld {
            let path = folder.join(program);
            at(&path, write(&path, script, 0o755))?;
        }
        Ok(())
    }
}

impl RoomPlan {
    /// Makes the folders, files and links; what is there already is brought in line.
    ///
    /// Only the user may look into the private home. What the room keeps visible must be there before
    /// [`room`](Self::room) is made. Errors: the first that could not be made.
    pub fn furnish(&self) -> Result<(), FurnishError> {
        self.folders.iter().try_for_each(|folder| private(folder))?;
        for link in &self.links {
            at(&link.at, make_link(&link.at, &link.to))?;
        }
        for file in &self.files {
            at(&file.path, write(&file.path, &file.content, 0o600))?;
        }
        Ok(())
    }

    /// Makes all anew in `home`, unless the last job left it as it had found it.
    ///
    /// Errors: what could not be removed or made.
    pub fn renew(&self, home: &Path) -> Result<(), FurnishError> {
        if self.is_furnished(home) {
            let mut elsewhere = self.folders.iter().filter(|folder| !folder.starts_with(home));
            return elsewhere.try_for_each(|folder| private(folder));
        }
        let removed = files::remove_tree(home).map_err(io::Error::other);
        at(home, removed)?;
        self.furnish()
    }

    /// What the host has to mount: all that does not differ between the jobs of a run as the base, and the layers.
    ///
    /// Errors: a folder for a layer could not be made.
    pub fn room(&self, layers: Layers<'_>) -> Result<Room, FurnishError> {
        let tools = self.tools.iter().map(|tool| &tool.folder);
        let base = Room {
            hide: self.hide.clone(),
            bind: self.bind.clone(),
            read_only: self.read_only.iter().chain(tools).cloned().collect(),
            allow_setuid: self.allow_sudo,
            ..Room::default()
        };
        let overlay = self.tools.iter().filter_map(|tool| match layers {
            Layers::Overlay { folder, scripts } if tool.is_written_by(scripts) => {
                Some(overlay(folder, &tool.folder))
            }
            _ => None,
        });
        let overlay: Vec<Overlay> = overlay.collect::<Result<_, _>>()?;
        overlay.iter().try_for_each(|layer| self.plant(layer))?;
        Ok(Room {
            overlay,
            allow_setuid: self.allow_sudo,
            base: Some(Box::new(base)),
            ..Room::default()
        })
    }
}

impl RoomPlan {
    /// Makes the links that lie in a layer.
    fn plant(&self, layer: &Overlay) -> Result<(), FurnishError> {
        for link in &self.planted {
            if let Ok(below) = link.at.strip_prefix(&layer.target) {
                let place = layer.upper.join(below);
                at(&place, make_link(&place, &link.to))?;
            }
        }
        Ok(())
    }
}

impl Tool {
    /// True when a word of `scripts` is a program that writes here.
    fn is_written_by(&self, scripts: &str) -> bool {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        scripts.split(|c| !is_name(c)).any(|word| self.written_by.contains(&word))
    }
}

/// Makes a folder that only the user may look into.
fn private(folder: &Path) -> Result<(), FurnishError> {
    at(folder, fs::create_dir_all(folder))?;
    at(folder, fs::set_permissions(folder, fs::Permissions::from_mode(0o700)))
}

fn overlay(folder: &Path, tool: &Path) -> Result<Overlay, FurnishError> {
    let name = tool.to_string_lossy().replace('%', "%25").replace('/', "%2F");
    let (upper, work) = (folder.join(&name).join("upper"), folder.join(&name).join("work"));
    for made in [&upper, &work] {
        at(made, fs::create_dir_all(made))?;
    }
    Ok(Overlay { lower: tool.to_owned(), upper, work, target: tool.to_owned() })
}

fn make_link(at: &Path, to: &Path) -> io::Result<()> {
    if let Some(parent) = at.parent() {
        fs::create_dir_all(parent)?;
    }
    match fs::read_link(at) {
        Ok(there) if there == to => return Ok(()),
        Ok(_) => fs::remove_file(at)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        // A step of an earlier run may have put something else there.
        Err(_) if at.is_dir() => fs::remove_dir_all(at)?,
        Err(_) => fs::remove_file(at)?,
    }
    symlink(to, at)
}

fn write(path: &Path, content: &str, mode: u32) -> io::Result<()> {
    // Some file systems force a file to disk that is written over.
    if is_written(path, content, mode) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    // Never through a link that a step may have left.
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
        fs::remove_file(path)?;
    }
    fs::write(path, content)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

fn is_written(path: &Path, content: &str, mode: u32) -> bool {
    let there = fs::symlink_metadata(path);
    let is_like = there.is_ok_and(|there| {
        let size = u64::try_from(content.len()).ok();
        there.is_file() && there.mode() & 0o7777 == mode && Some(there.len()) == size
    });
    is_like && fs::read(path).is_ok_and(|present| present == content.as_bytes())
}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, FurnishError> {
    result.map_err(|source| FurnishError { path: path.to_owned(), source })
}
