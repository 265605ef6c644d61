//! What programs say of themselves, asked once and remembered by path and time of change.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use plim_host::{Command, Environment, Tool, files};
use serde::{Deserialize, Serialize};

/// A program that does not answer by then is as good as one that is not there.
const PATIENCE: Duration = Duration::from_secs(20);
/// More than that is no version.
const MOST: usize = 64 * 1024;

/// Asks programs, and remembers what they said.
#[derive(Debug)]
pub(super) struct Spoken {
    file: Option<PathBuf>,
    said: Mutex<Option<Memory>>,
    /// What is asked anew in each process, because a file elsewhere decides it.
    fleeting: Mutex<HashMap<String, Option<String>>>,
}

/// What is kept in the file: by program and arguments.
type Memory = BTreeMap<String, Entry>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// Of the program, in nanoseconds since 1970.
    modified: u64,
    bytes: u64,
    said: String,
}

impl Spoken {
    /// With a file to remember in; without one every process asks anew.
    pub(super) fn new(file: Option<PathBuf>) -> Self {
        Self { file, said: Mutex::default(), fleeting: Mutex::default() }
    }

    /// What `program` writes to either stream when it is asked with `arguments`; `None` when it does not answer.
    pub(super) fn ask(
        &self,
        program: &Path,
        arguments: &[&str],
        environment: &Environment,
    ) -> Option<String> {
        let key = format!("{} {}", program.display(), arguments.join(" "));
        match stamp(program).filter(|_| speaks_for_itself(program)) {
            Some(stamp) => self.remembered(key, stamp, || run(program, arguments, environment)),
            None => {
                let mut fleeting = self.fleeting.lock().unwrap_or_else(PoisonError::into_inner);
                let ask = || run(program, arguments, environment);
                fleeting.entry(key).or_insert_with(ask).clone()
            }
        }
    }

    fn remembered(
        &self,
        key: String,
        (modified, bytes): (u64, u64),
        ask: impl FnOnce() -> Option<String>,
    ) -> Option<String> {
        let mut memory = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = memory.get_or_insert_with(|| self.load());
        let known = memory.get(&key);
        if let Some(entry) = known.filter(|e| (e.modified, e.bytes) == (modified, bytes)) {
            return Some(entry.said.clone());
        }
        let said = ask()?;
        memory.insert(key, Entry { modified, bytes, said: said.clone() });
        self.save(memory);
        Some(said)
    }

    /// A file that cannot be read or is no such file is as good as none: everything is asked again.
    fn load(&self) -> Memory {
        let text = self.file.as_ref().and_then(|file| fs::read(file).ok());
        text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// What cannot be kept is asked again next time.
    fn save(&self, memory: &Memory) {
        let Some(file) = &self.file else { return };
        let folder = file.parent().map(fs::create_dir_all);
        if let (Some(Ok(())), Ok(text)) = (folder, serde_json::to_vec(memory)) {
            let _ = files::replace(file, &text);
        }
    }
}

fn stamp(program: &Path) -> Option<(u64, u64)> {
    let found = fs::metadata(program).ok()?;
    let modified = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((u64::try_from(modified.as_nanos()).ok()?, found.len()))
}

/// Whether the answer changes only when the file does. A script, or a program that is a link to one of another name,
/// such as `rustup`, `volta` or `mise`, may ask a setting elsewhere which version it stands for.
fn speaks_for_itself(program: &Path) -> bool {
    let Ok(real) = fs::canonicalize(program) else { return false };
    if real.components().any(|part| part.as_os_str() == "node_modules") {
        return true;
    }
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let (Some(asked), Some(real_name)) = (name(program), name(&real)) else { return false };
    let mut start = [0; 2];
    let read = fs::File::open(&real).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && &start != b"#!" && real_name.starts_with(&asked)
}

fn run(program: &Path, arguments: &[&str], environment: &Environment) -> Option<String> {
    let mut command = Command::new(program, "/").arguments(arguments.iter().copied());
    command.environment =
        environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let output = Tool::new(command).limit(MOST).timeout(PATIENCE).run().ok()?;
    if !output.status.is_success() {
        return None;
    }
    let (said, aside) = (output.stdout, output.stderr);
    let text = String::from_utf8_lossy(&said).into_owned() + &String::from_utf8_lossy(&aside);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plim_test::sandbox::Sandbox;

    fn environment() -> Environment {
        [("PATH", "/usr/bin:/bin")].into_iter().collect()
    }

    #[test]
    fn a_script_is_asked_once_in_a_process_and_never_remembered() {
        let sandbox = Sandbox::new();
        sandbox.executable("x", "#!/bin/sh\necho asked >> $(dirname $0)/log\necho 1.2.3 $1\n");
        let file = sandbox.at("memory.json");
        let spoken = Spoken::new(Some(file.clone()));
        for _ in 0..2 {
            let said = spoken.ask(&sandbox.at("x"), &["--version"], &environment());
            assert_eq!(said.as_deref(), Some("1.2.3 --version\n"));
        }
        assert_eq!(sandbox.read("log"), "asked\n");
        Spoken::new(Some(file.clone())).ask(&sandbox.at("x"), &[], &environment());
        assert_eq!(sandbox.read("log"), "asked\nasked\n");
        assert!(!file.exists());
    }

    #[test]
    fn a_program_that_changed_is_asked_again() {
        let sandbox = Sandbox::new();
        let spoken = Spoken::new(Some(sandbox.at("kept/memory.json")));
        let ask = |spoken: &Spoken, stamp, answer: &str| {
            let answer = answer.to_owned();
            spoken.remembered("x".into(), stamp, || Some(answer)).unwrap()
        };
        assert_eq!(ask(&spoken, (1, 1), "one"), "one");
        assert_eq!(ask(&spoken, (1, 1), "two"), "one");
        let later = Spoken::new(Some(sandbox.at("kept/memory.json")));
        assert_eq!(ask(&later, (1, 1), "three"), "one");
        assert_eq!(ask(&later, (2, 1), "four"), "four");
    }

    #[test]
    fn a_damaged_memory_is_none() {
        let sandbox = Sandbox::new();
        sandbox.write("memory.json", "{\"x 1\": {");
        let spoken = Spoken::new(Some(sandbox.at("memory.json")));
        assert_eq!(spoken.remembered("x".into(), (1, 1), || Some("new".into())).unwrap(), "new");
    }

    #[test]
    fn a_program_that_fails_says_nothing() {
        let sandbox = Sandbox::new();
        sandbox.executable("x", "#!/bin/sh\necho 1.2.3\nexit 1\n");
        assert_eq!(Spoken::new(None).ask(&sandbox.at("x"), &[], &environment()), None);
        assert_eq!(Spoken::new(None).ask(&sandbox.at("none"), &[], &environment()), None);
    }
}
