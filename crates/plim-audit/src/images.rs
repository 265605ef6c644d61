//! Images of jobs that are written out.

use plim_diag::Span;
use plim_workflow::{Container, Entries, Key, Text, TokenKind};

use crate::JobAt;

/// The tag of an image; a `:` before the last `/` is that of a port.
pub(crate) fn tag(image: &str) -> Option<&str> {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').map(|(_, tag)| tag)
}

/// The images of a job that are written out.
pub(crate) fn images(job: JobAt<'_>) -> Vec<(&str, Span)> {
    let Some(machine) = job.machine() else { return Vec::new() };
    let services = machine.services.as_ref().map(Entries::written).unwrap_or_default();
    let services = services.iter().map(|(_, service)| service);
    machine.container.iter().chain(services).filter_map(image).collect()
}

fn image(container: &Container) -> Option<(&str, Span)> {
    let literal = |text: &'_ Text| text.expressions.is_empty();
    let text = match &container.value.kind {
        TokenKind::Text(text) => text,
        TokenKind::Mapping(pairs) => {
            let is_image = |key: &Key| matches!(key, Key::Text(name) if name.template.is_literal() == Some("image"));
            let (_, value) = pairs.iter().find(|(key, _)| is_image(key))?;
            let TokenKind::Text(text) = &value.kind else { return None };
            text
        }
        _ => return None,
    };
    let image = text.template.is_literal().filter(|_| literal(text))?;
    Some((image, text.span))
}
