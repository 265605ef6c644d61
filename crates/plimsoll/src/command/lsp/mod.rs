//! `plim lsp`: finds while you type what `plim check` finds, and says what it means.

mod actions;
mod completion;
mod diagnostics;
mod documents;
mod glossary;
mod hover;
mod positions;
mod session;
mod spot;
mod uri;
mod used;
mod workspace;

use lsp_server::Connection;
use plim_diag::{Code, Diagnostic};

use self::session::Session;
use crate::{exit::Exit, refusal::Refusal, world::World};

/// Serves one editor on standard input and output until it says `exit` or goes away.
///
/// As the protocol wants it, the session has passed when `shutdown` came before `exit`.
///
/// Errors: what came in is not of the protocol, or nothing can be written any more.
pub(super) fn run(world: &World) -> Result<Exit, Refusal> {
    let (connection, threads) = Connection::stdio();
    let exit = match Session::begin(&connection, world) {
        Some(session) => session.serve(),
        None => Exit::Failed,
    };
    // The thread that writes ends when nobody can send to it any more.
    drop(connection);
    threads.join().map_err(|error| {
        let message = format!("the language server lost its editor: {error}");
        Refusal::failed(Diagnostic::error(Code("lsp"), message))
    })?;
    Ok(exit)
}
