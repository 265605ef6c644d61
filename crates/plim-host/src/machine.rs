//! Tells facts about this machine and its user.

use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

use rustix::process::{getegid, geteuid};

/// What this machine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The operating system, as Rust names it: `linux`.
    pub system: &'static str,
    /// The architecture, as Rust names it: `x86_64`, `aarch64`.
    pub architecture: &'static str,
    /// How many processors this process may use.
    pub processors: usize,
    /// Bytes of memory in all.
    pub memory: u64,
    /// Bytes of memory that programs could take now.
    pub available_memory: u64,
    /// The name of the machine in its network.
    pub name: String,
}

impl Machine {
    /// Looks at this machine. What cannot be found out is 0 or empty.
    pub fn this() -> Self {
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self {
            system: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            processors: thread::available_parallelism().map_or(1, NonZero::get),
            memory: meminfo(&memory, "MemTotal:"),
            available_memory: meminfo(&memory, "MemAvailable:"),
            name,
        }
    }
}

/// A name that the machine gives itself anew each time it starts.
pub(crate) fn boot_id() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()
}

/// The bytes that a line such as `MemTotal:  24684092 kB` states.
fn meminfo(text: &str, label: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(label));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    number.unwrap_or_default() * 1024
}

/// Who runs this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's number; 0 is root.
    pub uid: u32,
    /// The number of the user's group.
    pub gid: u32,
    /// The user's name, or the number when `/etc/passwd` has no such user.
    pub name: String,
    /// The home that `/etc/passwd` states, which `HOME` may contradict.
    pub home: Option<PathBuf>,
}

impl User {
    /// Looks who runs this process.
    pub fn this() -> Self {
        let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
        let passwords = fs::read("/etc/passwd").unwrap_or_default();
        let (name, home) = entry(&String::from_utf8_lossy(&passwords), uid)
            .unwrap_or_else(|| (uid.to_string(), None));
        Self { uid, gid, name, home }
    }

    /// Whether this is root.
    pub fn is_root(&self) -> bool {
        self.uid == 0
    }
}

/// Finds name and home in lines of `name:password:uid:gid:comment:home:shell`.
fn entry(passwords: &str, uid: u32) -> Option<(String, Option<PathBuf>)> {
    let mut lines = passwords.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let line = lines.find(|fields| fields.get(2).and_then(|id| id.parse().ok()) == Some(uid))?;
    let home = line.get(5).filter(|home| !home.is_empty()).map(PathBuf::from);
    Some((line.first()?.to_string(), home))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_number() {
        let text = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:\n";
        assert_eq!(entry(text, 1000), Some(("ada".into(), Some("/home/ada".into()))));
        assert_eq!(entry(text, 7), None);
    }

    #[test]
    fn memory_is_stated_in_kilobytes() {
        assert_eq!(meminfo("MemFree: 1 kB\nMemTotal:       24 kB\n", "MemTotal:"), 24 * 1024);
        assert!(Machine::this().memory >= Machine::this().available_memory);
    }
}
