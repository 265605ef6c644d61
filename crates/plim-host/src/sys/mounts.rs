//! Gives a cell mounts of its own, so that its processes see the files that its room allows.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags, fsconfig_create, fsconfig_set_flag, fsconfig_set_string, fsmount,
    fsopen, mount_change, move_mount, open_tree, unmount,
};
use rustix::process::{getgid, getuid};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::raw;
use crate::room::{Bind, Isolation, Overlay, Room};

/// Folders that exist on every machine; one of them carries the empty files while they are copied.
const STAGES: [&str; 4] = ["/tmp", "/run", "/mnt", "/dev"];

/// Makes the room for the calling process and everything it starts later, on `ground` if its base is laid already.
///
/// The error is the reason why there is no room, and that this process is no place for a job: it
/// may have lost its user on the way.
pub(crate) fn apply(room: &Room, ground: Option<Ground>) -> Result<Isolation, String> {
    if !room.allow_setuid
        && let Err(error) = rustix::thread::set_no_new_privs(true)
    {
        return Ok(Isolation::None(format!("privileges could not be given up: {error}")));
    }
    if room.is_open() {
        return Ok(Isolation::Complete);
    }
    let ground = ground.map_or_else(|| Ground::enter(room), Ok)?;
    Ok(ground.furnish(room).isolation())
}

/// The mounts on which a room is made.
pub(crate) struct Ground {
    namespace: Namespace,
    failures: Vec<String>,
}

impl Ground {
    fn enter(room: &Room) -> Result<Self, String> {
        let namespace = enter_namespace(room);
        let namespace =
            namespace.map_err(|error| format!("this machine allows no private mounts: {error}"))?;
        Ok(Self { namespace, failures: Vec::new() })
    }

    /// Lays the base of rooms. `share` is called when it is whole, with what could not be made of it, and returns
    /// once it need not stay as it is: then this process goes on in a copy.
    pub(crate) fn lay(base: &Room, share: impl FnOnce(&[String])) -> Result<Self, String> {
        let ground = Self::enter(base)?.furnish(base);
        share(&ground.failures);
        ground.copied()
    }

    /// Begins where another process has laid the base.
    pub(crate) fn join(laid: &Laid) -> Result<Self, String> {
        let enter = |namespace, kind| move_into_link_name_space(namespace, Some(kind));
        let user = laid.user.as_ref();
        let entered = user.map_or(Ok(()), |user| enter(user.as_fd(), LinkNameSpaceType::User));
        let entered = entered.and_then(|()| enter(laid.mount.as_fd(), LinkNameSpaceType::Mount));
        entered.map_err(|error| format!("could not enter the mounts of another job: {error}"))?;
        let namespace = if user.is_some() { Namespace::User } else { Namespace::Mount };
        Self { namespace, failures: laid.failures.clone() }.copied()
    }

    fn copied(self) -> Result<Self, String> {
        let copied = raw::unshare(libc::CLONE_NEWNS);
        copied.map_err(|error| format!("could not copy the mounts of another job: {error}"))?;
        Ok(self)
    }

    fn isolation(self) -> Isolation {
        match self.failures {
            failures if failures.is_empty() => Isolation::Complete,
            failures => Isolation::Partial(failures),
        }
    }
}

/// The base of rooms, kept after the process that laid it has gone on.
pub(crate) struct Laid {
    /// Absent when it is our own.
    user: Option<OwnedFd>,
    mount: OwnedFd,
    failures: Vec<String>,
}

impl Laid {
    /// Takes hold of the base that the process `pid` has laid.
    pub(crate) fn by(pid: raw::Pid, failures: Vec<String>) -> io::Result<Self> {
        let path = |whose: &str, kind: &str| format!("/proc/{whose}/ns/{kind}");
        let open =
            |path: String| rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
        let theirs = path(&pid.to_string(), "user");
        let same = fs::read_link(&theirs)? == fs::read_link(path("self", "user"))?;
        let user = if same { None } else { Some(open(theirs)?) };
        Ok(Self { user, mount: open(path(&pid.to_string(), "mnt"))?, failures })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Namespace {
    /// We may mount as we are.
    Mount,
    /// We may mount because we own a user namespace in which we keep our number.
    User,
}

fn enter_namespace(room: &Room) -> io::Result<Namespace> {
    let namespace = match raw::unshare(libc::CLONE_NEWNS) {
        Ok(()) => Namespace::Mount,
        // In a user namespace no program gains privileges, so `sudo` would stop working.
        Err(error) if room.allow_setuid => return Err(error),
        Err(_) => enter_user_namespace()?,
    };
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    Ok(namespace)
}

fn enter_user_namespace() -> io::Result<Namespace> {
    let (user, group) = (getuid().as_raw(), getgid().as_raw());
    raw::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS)?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    Ok(Namespace::User)
}

impl Ground {
    /// Sources are opened before anything is hidden, since they may lie inside what is hidden.
    fn furnish(mut self, room: &Room) -> Self {
        let binds: Vec<_> = room.bind.iter().map(|bind| (bind, copy_of(&bind.from))).collect();
        let hidden = self.cover(room);
        for (path, cover) in &hidden {
            self.note("hide", path, attach(cover, path));
        }
        for (bind, source) in binds {
            let attached = source.and_then(|source| attach(&source, &bind.to));
            self.note("show", &bind.to, attached);
        }
        for overlay in &room.overlay {
            self.note("overlay", &overlay.target, self.overlay(overlay));
        }
        for path in &room.read_only {
            self.note("protect", path, protect(path));
        }
        self
    }

    fn note(&mut self, what: &str, path: &Path, result: io::Result<()>) {
        match result {
            // What is not there needs no hiding and no protection.
            Err(error) if error.kind() == io::ErrorKind::NotFound && what != "show" => {}
            Err(error) => {
                self.failures.push(format!("could not {what} `{}`: {error}", path.display()));
            }
            Ok(()) => {}
        }
    }

    /// Makes one empty cover for each hidden path that exists.
    fn cover(&mut self, room: &Room) -> Vec<(PathBuf, OwnedFd)> {
        // All paths are looked at before the stage is raised, which stands in front of some.
        let hidden: Vec<_> = room.hide.iter().filter_map(|path| Hidden::look(path, room)).collect();
        let stage = if hidden.is_empty() { return Vec::new() } else { Stage::raise() };
        let covers = hidden.into_iter().enumerate().filter_map(|(i, hidden)| {
            let cover = match &stage {
                Ok(stage) => stage.cover(i, &hidden),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            };
            match cover {
                Ok(cover) => Some((hidden.path, cover)),
                Err(error) => {
                    self.note("hide", &hidden.path, Err(error));
                    None
                }
            }
        });
        covers.collect()
    }

    fn overlay(&self, overlay: &Overlay) -> io::Result<()> {
        let opened = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)?;
        let opened = opened.as_fd();
        fsconfig_set_string(opened, "lowerdir", &*overlay.lower)?;
        fsconfig_set_string(opened, "upperdir", &*overlay.upper)?;
        fsconfig_set_string(opened, "workdir", &*overlay.work)?;
        if self.namespace == Namespace::User {
            fsconfig_set_flag(opened, "userxattr")?;
        }
        fsconfig_create(opened)?;
        let mount = fsmount(opened, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())?;
        attach(&mount, &overlay.target)
    }
}

/// Something to hide that exists.
struct Hidden {
    path: PathBuf,
    folder: bool,
    /// Where binds will need a place inside it, and whether the place must be a folder.
    places: Vec<(PathBuf, bool)>,
}

impl Hidden {
    fn look(path: &Path, room: &Room) -> Option<Self> {
        let path = path.canonicalize().ok()?;
        let place = |bind: &Bind| {
            let inside = bind.to.strip_prefix(&path).ok()?;
            Some((inside.to_owned(), bind.from.is_dir()))
        };
        let places = room.bind.iter().filter_map(place).collect();
        Some(Self { folder: path.is_dir(), places, path })
    }
}

/// A small file system in memory, mounted for as long as covers are copied from it.
struct Stage {
    place: &'static Path,
}

impl Stage {
    fn raise() -> io::Result<Self> {
        let place = STAGES.into_iter().map(Path::new).find(|path| path.is_dir());
        let place = place.ok_or(io::ErrorKind::NotFound)?;
        let opened = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
        fsconfig_set_string(opened.as_fd(), "mode", "0755")?;
        fsconfig_set_string(opened.as_fd(), "size", "1m")?;
        fsconfig_create(opened.as_fd())?;
        let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
        let mount = fsmount(opened.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, attributes)?;
        attach(&mount, place)?;
        Ok(Self { place })
    }

    /// Makes something empty that can stand in front of what is hidden.
    fn cover(&self, number: usize, hidden: &Hidden) -> io::Result<OwnedFd> {
        let staged = self.place.join(number.to_string());
        if hidden.folder {
            fs::create_dir(&staged)?;
            for (path, folder) in &hidden.places {
                make_place(&staged.join(path), *folder)?;
            }
        } else {
            fs::write(&staged, "")?;
        }
        let cover = copy_of(&staged)?;
        raw::mount_read_only(cover.as_fd())?;
        Ok(cover)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Were it to stay, the job would see an empty folder there, which it could not miss.
        let _ = unmount(self.place, UnmountFlags::DETACH);
    }
}

fn make_place(path: &Path, folder: bool) -> io::Result<()> {
    if folder {
        return fs::create_dir_all(path);
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let flags = OFlags::CREATE | OFlags::CLOEXEC | OFlags::WRONLY;
    rustix::fs::open(path, flags, Mode::from_raw_mode(0o644))?;
    Ok(())
}

/// A copy of the mount at `path` with all below it, attached nowhere yet.
fn copy_of(path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    Ok(open_tree(CWD, path, flags)?)
}

fn attach(mount: &OwnedFd, path: &Path) -> io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_SYMLINKS;
    Ok(move_mount(mount, "", CWD, path, flags)?)
}

fn protect(path: &Path) -> io::Result<()> {
    let copy = copy_of(path)?;
    raw::mount_read_only(copy.as_fd())?;
    attach(&copy, path)
}
