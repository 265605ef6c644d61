//! The pinned toolchain: the one that a `rust-toolchain.toml` of the repository names, and what of it a job uses.
//!
//! rustup gets it by itself at the first `cargo`, over the network and for each job anew; here it has to be there before.

use crate::script::Invoked;
use crate::toolbox::ToolchainFile;
use crate::want::Want;

/// What the scripts of a job use of the pinned toolchain.
#[derive(Clone, Debug, Default)]
pub(super) struct Pinned {
    file: Option<ToolchainFile>,
    components: Vec<String>,
    targets: Vec<String>,
    needed_by: String,
    /// Whether the job says itself which toolchain it uses.
    is_settled: bool,
}

/// Subcommands of rustup by which a job chooses or gets a toolchain itself.
const CHOOSING: [&str; 6] = ["default", "install", "override", "toolchain", "update", "run"];

/// Subcommands of cargo that are components, and which.
const COMPONENTS: [(&str, &str); 3] = [("fmt", "rustfmt"), ("clippy", "clippy"), ("miri", "miri")];

impl Pinned {
    /// For a job that chooses by a variable.
    pub(super) fn settle(&mut self) {
        self.is_settled = true;
    }

    /// Takes note of a command of `step`; `file` reads what is pinned where it runs.
    pub(super) fn note(
        &mut self,
        invoked: &Invoked,
        step: &str,
        file: impl FnOnce() -> Option<ToolchainFile>,
    ) {
        let words: Vec<&str> =
            invoked.arguments().iter().map(|word| word.text.as_str()).take(8).collect();
        let uses = invoked.certain
            && invoked.behind.is_empty()
            && matches!(invoked.name(), "cargo" | "rustc" | "rustdoc" | "rustup")
            && invoked.words[0].literal
            && !invoked.words[0].text.contains('/')
            && !words.first().is_some_and(|word| word.starts_with('+'));
        if !uses {
            return;
        }
        match (invoked.name(), words.as_slice()) {
            ("rustup", [first, ..]) if CHOOSING.contains(first) => self.settle(),
            ("rustup", ["component", "add", names @ ..]) => add(&mut self.components, names),
            ("rustup", ["target", "add", names @ ..]) => add(&mut self.targets, names),
            ("rustup", _) => return,
            ("cargo", [first, ..]) => {
                let component = COMPONENTS.iter().find(|(name, _)| name == first);
                add(&mut self.components, component.map(|(_, name)| *name).as_slice());
            }
            _ => {}
        }
        if self.file.is_none() {
            self.file = file();
            step.clone_into(&mut self.needed_by);
        }
    }

    /// What has to be there, and which step needs it first.
    pub(super) fn want(&self) -> Option<(Want, &str)> {
        let file = self.file.as_ref().filter(|_| !self.is_settled)?;
        let mut components = file.components.clone();
        components.extend(self.components.iter().cloned());
        let mut targets = file.targets.clone();
        targets.extend(self.targets.iter().cloned());
        for list in [&mut components, &mut targets] {
            list.sort_unstable();
            list.dedup();
        }
        let (channel, profile) = (file.channel.clone()?, file.profile.clone());
        Some((Want::Toolchain { channel, components, targets, profile }, &self.needed_by))
    }
}

fn add(list: &mut Vec<String>, names: &[&str]) {
    let plain = |name: &&&str| !name.starts_with('-') && !name.contains('$');
    list.extend(names.iter().filter(plain).map(ToString::to_string));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Script;

    fn wanted(script: &str) -> Option<String> {
        let mut pinned = Pinned::default();
        let file = || {
            let channel = Some("1.98.0".to_owned());
            Some(ToolchainFile {
                channel,
                components: vec!["clippy".into()],
                ..ToolchainFile::default()
            })
        };
        for invoked in Script::read(script).programs() {
            pinned.note(&invoked, "step", file);
        }
        pinned.want().map(|(want, _)| want.to_string())
    }

    #[test]
    fn what_cargo_and_rustup_use_of_it_is_wanted() {
        for (script, with) in [
            ("cargo test", "clippy"),
            ("rustup component add rustfmt\ncargo fmt --check", "clippy, rustfmt"),
            ("rustup target add wasm32-wasip1 --toolchain $T; rustc x.rs", "clippy, wasm32-wasip1"),
        ] {
            let wanted = wanted(script);
            assert_eq!(wanted, Some(format!("Rust 1.98.0 with {with}")), "{script}");
        }
    }

    #[test]
    fn a_job_that_chooses_itself_or_needs_none_wants_nothing() {
        for script in [
            "cargo +nightly fmt",
            "rustup default stable; cargo test",
            "rustup toolchain install; cargo test",
            "if test -e x; then cargo test; fi",
            "rustup --version",
            "./cargo test",
            "echo cargo",
        ] {
            assert_eq!(wanted(script), None, "{script}");
        }
    }
}
