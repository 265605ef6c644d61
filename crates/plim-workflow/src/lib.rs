//! Reads workflows and actions with the place of everything in them.
//!
//! Reading collects and never fails: what was understood comes back together with diagnostics, and
//! one bad step does not hide its siblings.

mod action;
mod job;
mod matrix;
mod step;
mod text;
mod trigger;
mod workflow;

pub use action::{Action, ActionBody, ActionInput, ActionOutput, CompositeAction, DockerAction, JavaScriptAction};
pub use job::{
    Call, CallSecrets, Concurrency, Container, Environment, Job, JobBody, Machine, Queue, RunsOn,
    Strategy,
};
pub use matrix::{Combination, Leg, Matrix, MatrixError};
pub use step::{ActionReference, Run, Step, StepBody, Uses};
pub use text::{Condition, Entries, Name, Setting, Text, Token, TokenKind};
pub use trigger::{Filter, Input, InputKind, Output, Schedule, SecretInput, Trigger};
pub use workflow::{Access, Defaults, Permissions, Workflow};
