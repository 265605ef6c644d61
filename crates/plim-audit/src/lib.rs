//! Finds defects in workflows and actions.
//!
//! Nothing here does input or output. A [`Subject`] is a file that was read before, [`Surroundings`] answers what the
//! rest of its repository holds, and [`check`] gives what the rules of [`RULES`] and the reader itself find in it.
//!
//! A rule is one file under `rules`: a [`Rule`] with its explanation, and functions that are shown the parts of a file
//! they ask for ([`Hook`]). What several rules want to know of a file is computed once, by [`Audit`].

mod audit;
mod baseline;
pub mod catalogue;
pub mod chart;
pub mod deeds;
mod expressions;
pub mod external;
mod finding;
mod fix;
mod grep;
mod guards;
mod ignores;
mod images;
mod interpolation;
mod jobs;
mod known;
mod labels;
mod language;
mod named;
pub mod pins;
mod remote;
mod respell;
mod rule;
mod rules;
mod scopes;
mod scripts;
pub mod secrets;
mod selection;
mod steps;
mod subject;
mod surroundings;
mod taint;
#[cfg(test)]
mod testing;
mod types;
mod uses;
mod waivers;

pub use audit::{Audit, check, check_with};
pub use baseline::Baseline;
pub use catalogue::{all_rules, rule};
pub use expressions::{ExpressionAt, TextAt};
pub use finding::{Edit, Finding, Fix, Safety};
pub use fix::{Mended, mend};
pub use ignores::FOREIGN_CODES;
pub use jobs::JobGraph;
pub use known::{
    KnownAction, KnownInput, KnownOutput, KnownUse, Majors, known_action, known_actions, known_use,
};
pub use labels::{HostedLabel, hosted_label, hosted_labels};
pub use language::LANGUAGE;
pub use rule::{Hook, Rule, Tier};
pub use rules::RULES;
pub use scripts::{Script, Shell, ShellAt};
pub use selection::Selection;
pub use steps::{JobAt, StepAt};
pub use subject::{Document, Kind, Subject};
pub use surroundings::{Nearby, Nowhere, Pins, Presence, Settings, Surroundings};
pub use types::{Missing, MistakeAt, Word, WordAt, word_at};
pub use uses::{Declared, UseAt, Used};
pub use waivers::{WaivedPlace, Waiver};
