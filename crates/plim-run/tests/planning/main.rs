//! Plans repositories as a user would ask for it, and looks at what comes out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a plan that is not there fails the test")]

mod calls;
mod event;
mod filters;
mod forecast;
mod heavy;
mod inputs;
mod legs;
mod missing;
mod selection;
mod source;
mod support;
mod withheld;
