//! A session with one editor: what it says, and what it is answered.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lsp_server::{
    Connection, ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError,
};
use lsp_types::{
    CodeActionOptions, CodeActionParams, CodeActionProviderCapability, CompletionOptions,
    CompletionParams, DidChangeTextDocumentParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, HoverParams, HoverProviderCapability, InitializeParams,
    InitializeResult, LogMessageParams, MessageType, PublishDiagnosticsParams, SaveOptions,
    ServerCapabilities, ServerInfo, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
    notification::{
        DidChangeConfiguration, DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument,
        DidOpenTextDocument, DidSaveTextDocument, Exit as ExitNotification, LogMessage,
        Notification as _, PublishDiagnostics,
    },
    request::{CodeActionRequest, Completion, HoverRequest, Request as _, Shutdown},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    actions::{Actions, FIX_ALL},
    completion::complete,
    diagnostics::Translator,
    documents::{Document, Documents},
    hover::hover,
    positions::{Encoding, Lined},
    workspace::Judged,
};
use crate::{exit::Exit, world::World};

/// What is known of one editor.
pub(super) struct Session<'c> {
    connection: &'c Connection,
    world: &'c World,
    encoding: Encoding,
    /// Whether the editor takes edits that name the version they are for.
    versioned: bool,
    documents: Documents,
    /// Whether something changed since findings were last told.
    stale: bool,
    /// Whether the editor asked to end.
    over: bool,
    complaint: Option<String>,
}

type Answer = Result<Value, ResponseError>;

impl<'c> Session<'c> {
    /// Waits for the editor's first request, and tells it what this server can do; `None` when the editor goes away.
    pub(super) fn begin(connection: &'c Connection, world: &'c World) -> Option<Self> {
        let (id, params) = connection.initialize_start().ok()?;
        // What cannot be read is taken as an editor that can do nothing special.
        let params: InitializeParams = serde_json::from_value(params).unwrap_or_default();
        let general = params.capabilities.general;
        let offered = general.and_then(|general| general.position_encodings);
        let encoding = Encoding::negotiated(offered.as_deref());
        let edits = params.capabilities.workspace.and_then(|workspace| workspace.workspace_edit);
        let versioned = edits.and_then(|edits| edits.document_changes).unwrap_or(false);
        let session = Self {
            connection,
            world,
            encoding,
            versioned,
            documents: Documents::default(),
            stale: false,
            over: false,
            complaint: None,
        };
        session.respond(id, json(&greeting(encoding)));
        Some(session)
    }

    /// Answers until the editor says `exit` or goes away.
    pub(super) fn serve(mut self) -> Exit {
        loop {
            // Nothing is checked that the next message may change.
            if self.stale && self.connection.receiver.is_empty() {
                self.publish();
            }
            let Ok(message) = self.connection.receiver.recv() else { return Exit::Failed };
            match message {
                Message::Request(request) => self.request(request),
                Message::Notification(notification) => {
                    if notification.method == ExitNotification::METHOD {
                        return if self.over { Exit::Passed } else { Exit::Failed };
                    }
                    self.notified(notification);
                }
                Message::Response(_) => {}
            }
        }
    }

    fn request(&mut self, request: Request) {
        let id = request.id.clone();
        let answer = if self.over {
            Err(error(ErrorCode::InvalidRequest, "the server was shut down"))
        } else if request.method == Shutdown::METHOD {
            self.over = true;
            Ok(Value::Null)
        } else {
            // Whatever a file holds must not end the server.
            let answer = catch_unwind(AssertUnwindSafe(|| self.answer(request)));
            answer.unwrap_or_else(|_| Err(error(ErrorCode::InternalError, "this request failed")))
        };
        self.respond(id, answer);
    }

    fn answer(&self, request: Request) -> Answer {
        match request.method.as_str() {
            CodeActionRequest::METHOD => self.code_actions(&params(request.params)?),
            Completion::METHOD => self.completion(&params(request.params)?),
            HoverRequest::METHOD => self.hover(&params(request.params)?),
            method => {
                let message = format!("`{method}` is not known");
                Err(error(ErrorCode::MethodNotFound, message))
            }
        }
    }

    fn code_actions(&self, params: &CodeActionParams) -> Answer {
        let Some((document, judged)) = self.judged(&params.text_document.uri) else {
            return Ok(Value::Null);
        };
        let (encoding, versioned) = (self.encoding, self.versioned);
        let translator = self.translator(document, &judged);
        let actions = Actions { document, judged: &judged, translator, encoding, versioned };
        json(&actions.all(params))
    }

    fn completion(&self, params: &CompletionParams) -> Answer {
        let place = &params.text_document_position;
        let Some(document) = self.documents.get(&place.text_document.uri) else {
            return Ok(Value::Null);
        };
        let lined = Lined::new(&document.text, self.encoding);
        json(&complete(document, &self.documents, self.world, &lined, place.position))
    }

    fn hover(&self, params: &HoverParams) -> Answer {
        let place = &params.text_document_position_params;
        let Some((document, judged)) = self.judged(&place.text_document.uri) else {
            return Ok(Value::Null);
        };
        let lined = Lined::new(&document.text, self.encoding);
        json(&hover(&judged, &lined, place.position))
    }

    /// The document at `uri` in its repository, if it is one that can be judged.
    fn judged(&self, uri: &Uri) -> Option<(&Document, Judged)> {
        let document = self.documents.get(uri)?;
        Some((document, Judged::new(document, &self.documents, self.world)?))
    }

    fn translator<'s>(&'s self, document: &'s Document, judged: &'s Judged) -> Translator<'s> {
        Translator { document, documents: &self.documents, judged, encoding: self.encoding }
    }

    /// What cannot be understood is passed over: there is nobody to answer.
    fn notified(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                if let Ok(opened) = serde_json::from_value::<DidOpenTextDocumentParams>(params) {
                    self.documents.open(Document::new(opened.text_document));
                    self.stale = true;
                }
            }
            DidChangeTextDocument::METHOD => self.changed(params),
            DidCloseTextDocument::METHOD => {
                if let Ok(closed) = serde_json::from_value::<DidCloseTextDocumentParams>(params) {
                    self.documents.close(&closed.text_document.uri);
                    self.tell(closed.text_document.uri, None, Vec::new());
                    self.stale = true;
                }
            }
            // What is on the disk may be another now.
            DidSaveTextDocument::METHOD
            | DidChangeWatchedFiles::METHOD
            | DidChangeConfiguration::METHOD => self.stale = true,
            _ => {}
        }
    }

    fn changed(&mut self, params: Value) {
        let Ok(changed) = serde_json::from_value::<DidChangeTextDocumentParams>(params) else {
            return;
        };
        let identifier = changed.text_document;
        if let Some(document) = self.documents.get_mut(&identifier.uri) {
            document.change(changed.content_changes, identifier.version, self.encoding);
            self.stale = true;
        }
    }

    /// Tells what is found in all open documents: a change in one may be a mistake in another.
    fn publish(&mut self) {
        self.stale = false;
        let mut complaint = None;
        for document in self.documents.iter() {
            let found = catch_unwind(AssertUnwindSafe(|| self.found(document)));
            let Ok((diagnostics, why)) = found else {
                // What was told before stands: that nothing is found would be a claim.
                complaint = Some(cannot_be_checked(document));
                continue;
            };
            complaint = complaint.or(why);
            self.tell(document.uri.clone(), Some(document.version), diagnostics);
        }
        if let Some(message) = complaint.clone().filter(|_| complaint != self.complaint) {
            let typ = MessageType::WARNING;
            self.notify(LogMessage::METHOD, &LogMessageParams { typ, message });
        }
        self.complaint = complaint;
    }

    fn found(&self, document: &Document) -> (Vec<lsp_types::Diagnostic>, Option<String>) {
        let Some(judged) = Judged::new(document, &self.documents, self.world) else {
            return Default::default();
        };
        let diagnostics = self.translator(document, &judged).all(&judged.findings());
        (diagnostics, judged.complaint)
    }

    fn tell(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<lsp_types::Diagnostic>) {
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        self.notify(PublishDiagnostics::METHOD, &params);
    }

    fn notify(&self, method: &str, params: &impl Serialize) {
        if let Ok(params) = serde_json::to_value(params) {
            self.send(Notification { method: method.to_owned(), params }.into());
        }
    }

    fn respond(&self, id: RequestId, response_result: Answer) {
        self.send(Response { id, response_result }.into());
    }

    /// An editor that went away is noticed by the next message that does not come.
    fn send(&self, message: Message) {
        _ = self.connection.sender.send(message);
    }
}

fn greeting(encoding: Encoding) -> InitializeResult {
    let capabilities = ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions::default())),
            ..TextDocumentSyncOptions::default()
        })),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![lsp_types::CodeActionKind::QUICKFIX, FIX_ALL]),
            ..CodeActionOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([".", "{", "/", " "].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        ..ServerCapabilities::default()
    };
    let version = Some(env!("CARGO_PKG_VERSION").to_owned());
    let server_info = Some(ServerInfo { name: "plim".to_owned(), version });
    InitializeResult { capabilities, server_info }
}

fn params<P: DeserializeOwned>(value: Value) -> Result<P, ResponseError> {
    serde_json::from_value(value).map_err(|why| error(ErrorCode::InvalidParams, why.to_string()))
}

fn json(value: &impl Serialize) -> Answer {
    serde_json::to_value(value).map_err(|why| error(ErrorCode::InternalError, why.to_string()))
}

fn cannot_be_checked(document: &Document) -> String {
    let uri = document.uri.as_str();
    format!(
        "checking `{uri}` failed by a fault of `plim`, please report it; what is shown may be old"
    )
}

fn error(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError { code: code as i32, message: message.into(), data: None }
}
