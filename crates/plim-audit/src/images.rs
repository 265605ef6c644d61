//! Images of jobs that are written out.

use plim_diag::Span;
use plim_workflow::{Container, Entries, Key, Text, TokenKind};

use crate::{JobAt, labels};

/// The tag of an image; a `:` before the last `/` is that of a port.
pub(crate) fn tag(image: &str) -> Option<&str> {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').map(|(_, tag)| tag)
}

/// The images of a job that are written out where it names them.
pub(crate) fn images(job: JobAt<'_>) -> Vec<(&str, Span)> {
    let written = |text: &'_ Text| text.expressions.is_empty();
    let texts = texts(job).filter(|text| written(text));
    texts.filter_map(|text| Some((text.template.is_literal()?, text.span))).collect()
}

/// The images of a job that are written out, there or in its matrix.
pub(crate) fn every_image(job: JobAt<'_>) -> Vec<(&str, Span)> {
    let values = texts(job).flat_map(|text| labels::values(job, text));
    values.map(|value| (value.name, value.span)).collect()
}

fn texts(job: JobAt<'_>) -> impl Iterator<Item = &Text> {
    let machine = job.machine();
    let services = machine.and_then(|machine| machine.services.as_ref());
    let services = services.map(Entries::written).unwrap_or_default();
    let services = services.iter().map(|(_, service)| service);
    let container = machine.and_then(|machine| machine.container.as_ref());
    container.into_iter().chain(services).filter_map(image)
}

fn image(container: &Container) -> Option<&Text> {
    match &container.value.kind {
        TokenKind::Text(text) => Some(text),
        TokenKind::Mapping(pairs) => {
            let is_image = |key: &Key| matches!(key, Key::Text(name) if name.template.is_literal() == Some("image"));
            let (_, value) = pairs.iter().find(|(key, _)| is_image(key))?;
            let TokenKind::Text(text) = &value.kind else { return None };
            Some(text)
        }
        _ => None,
    }
}
