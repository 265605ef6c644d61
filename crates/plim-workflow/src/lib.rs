//! Reads workflows and actions with the place of everything in them.
//!
//! Reading collects and never fails: what was understood comes back together with diagnostics, and
//! one bad step does not hide its siblings.

mod action;
mod call;
mod cron;
mod demand;
mod evaluate;
mod event;
mod filter;
mod forge;
mod input;
mod job;
mod matrix;
mod naming;
mod pattern;
mod permissions;
mod read;
mod reference;
pub mod script;
mod site;
mod step;
mod text;
mod trigger;
mod workflow;
pub mod yaml;

pub use action::{
    Action, ActionBody, ActionInput, ActionOutput, CompositeAction, DockerAction, JavaScriptAction,
};
pub use call::{CallLimits, Called, check_calls};
pub use cron::{Cron, CronError, NICKNAMES, Problem, SHORTEST_INTERVAL};
pub use demand::{ConcurrencyGroup, Legs, Runner};
pub use evaluate::{EvaluationError, Failure, Texts};
pub use event::{Activities, EVENTS, Event};
pub use filter::{Decision, Happening, Reference};
pub use forge::Forge;
pub use input::{Asked, InputError};
pub use job::{
    Call, CallSecrets, Concurrency, Container, Environment, Job, JobBody, Machine, Queue, RunsOn,
    Snapshot, Strategy,
};
pub use matrix::{Combination, Leg, MOST_LEGS, Matrix, MatrixError};
pub use naming::{IdError, StepIds, check_id, job_name};
pub use pattern::{Pattern, PatternError};
pub use permissions::{Access, DefaultAccess, Excess, Permissions, SCOPES, Scope};
pub use read::Read;
pub use reference::{WorkflowReference, WorkflowReferenceError};
pub use site::{CONTEXTS, Site};
pub use step::{ActionReference, Run, Step, StepBody, Uses};
pub use text::{Condition, Entries, Key, Name, Setting, Text, Token, TokenKind};
pub use trigger::{Filter, Input, InputKind, Output, Schedule, SecretInput, Trigger};
pub use workflow::{Defaults, Workflow};
