//! Says which files the processes of a job may see.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;

use crate::sys::wire::{Reader, Writer};

/// What is different for the processes of a job in the tree of files.
///
/// All paths are absolute. Nothing of this changes a file: it is a view that only the job has and
/// that ends with it. It is not a security boundary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// What several rooms have in common. It is made for the first of them and kept for the next that begins
    /// with the same; the rest of this room is made on top of it. A base has no base.
    pub base: Option<Box<Room>>,
    /// Files and folders that look empty and cannot be written. What does not exist is skipped.
    pub hide: Vec<PathBuf>,
    /// Files and folders that appear in another place, also inside a hidden folder.
    pub bind: Vec<Bind>,
    /// Folders whose writes land elsewhere.
    pub overlay: Vec<Overlay>,
    /// Files and folders that cannot be written. What does not exist is skipped.
    pub read_only: Vec<PathBuf>,
    /// Whether programs may gain privileges, as `sudo` does. An ordinary user then gets no
    /// isolation, because it needs a user namespace, where nobody gains any.
    pub allow_setuid: bool,
}

/// A file or folder that appears in another place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    /// What appears.
    pub from: PathBuf,
    /// Where it appears; must exist, or lie in a hidden folder.
    pub to: PathBuf,
}

/// A folder that shows `lower` and takes its changes into `upper`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// The folder that is read.
    pub lower: PathBuf,
    /// The folder that takes what is written.
    pub upper: PathBuf,
    /// An empty folder on the file system of `upper`, for the kernel's own use.
    pub work: PathBuf,
    /// Where both appear as one; must exist.
    pub target: PathBuf,
}

/// How far a room could be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// As asked.
    Complete,
    /// But for these, each a sentence such as "could not hide `/home/a/.ssh`: permission denied".
    Partial(Vec<String>),
    /// Not at all, for this reason: processes see all that the user sees.
    None(String),
}

impl Room {
    /// Whether nothing differs from what the user sees.
    pub fn is_open(&self) -> bool {
        self.base.as_ref().is_none_or(|base| base.is_open())
            && self.hide.is_empty()
            && self.bind.is_empty()
            && self.overlay.is_empty()
            && self.read_only.is_empty()
    }

    pub(crate) fn write(&self, packet: &mut Writer) {
        packet.number(i32::from(self.allow_setuid));
        packet.texts(&self.hide);
        packet.texts(&self.read_only);
        packet.count(self.bind.len());
        for bind in &self.bind {
            packet.text(bind.from.as_os_str()).text(bind.to.as_os_str());
        }
        packet.count(self.overlay.len());
        for overlay in &self.overlay {
            packet.text(overlay.lower.as_os_str()).text(overlay.upper.as_os_str());
            packet.text(overlay.work.as_os_str()).text(overlay.target.as_os_str());
        }
        packet.number(i32::from(self.base.is_some()));
        if let Some(base) = &self.base {
            base.write(packet);
        }
    }

    pub(crate) fn read(packet: &mut Reader<'_>) -> io::Result<Self> {
        let allow_setuid = packet.number()? != 0;
        let hide = packet.texts()?.into_iter().map(PathBuf::from).collect();
        let read_only = packet.texts()?.into_iter().map(PathBuf::from).collect();
        let bind = (0..packet.count()?).map(|_| Bind::read(packet)).collect::<io::Result<_>>()?;
        let overlay =
            (0..packet.count()?).map(|_| Overlay::read(packet)).collect::<io::Result<_>>()?;
        let base = if packet.number()? == 0 { None } else { Some(Box::new(Self::read(packet)?)) };
        Ok(Self { base, hide, bind, overlay, read_only, allow_setuid })
    }
}

impl Bind {
    fn read(packet: &mut Reader<'_>) -> io::Result<Self> {
        Ok(Self { from: packet.path()?, to: packet.path()? })
    }
}

impl Overlay {
    fn read(packet: &mut Reader<'_>) -> io::Result<Self> {
        Ok(Self {
            lower: packet.path()?,
            upper: packet.path()?,
            work: packet.path()?,
            target: packet.path()?,
        })
    }
}

impl Isolation {
    pub(crate) fn write(&self, packet: &mut Writer) {
        match self {
            Self::Complete => packet.number(0),
            Self::Partial(failures) => packet.number(1).texts(failures),
            Self::None(reason) => packet.number(2).text(OsStr::new(reason)),
        };
    }

    pub(crate) fn read(packet: &mut Reader<'_>) -> io::Result<Self> {
        let sentence = |text: &OsStr| text.to_string_lossy().into_owned();
        match packet.number()? {
            0 => Ok(Self::Complete),
            1 => Ok(Self::Partial(packet.texts()?.into_iter().map(sentence).collect())),
            2 => Ok(Self::None(sentence(packet.text()?))),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_survives_the_wire() {
        let path = PathBuf::from;
        let room = Room {
            base: Some(Box::new(Room { hide: vec![path("/base")], ..Room::default() })),
            hide: vec![path("/a"), path("/b c")],
            bind: vec![Bind { from: path("/x"), to: path("/y") }],
            overlay: vec![Overlay {
                lower: path("/l"),
                upper: path("/u"),
                work: path("/w"),
                target: path("/t"),
            }],
            read_only: vec![path("/r")],
            allow_setuid: true,
        };
        let mut packet = Writer::new(0);
        room.write(&mut packet);
        let (_, mut reader) = Reader::open(packet.bytes()).unwrap();
        assert_eq!(Room::read(&mut reader).unwrap(), room);
    }
}
