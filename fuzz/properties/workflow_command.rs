//! What must hold of any bytes that a step prints: its lines, its commands, and what is masked of them.

use plim_run::{
    annotation,
    command::{Commands, Effect, Handled, Permissions},
    mask::{Line, MASK, Masker, StreamMasker},
    summary,
};

/// Panics when `input` breaks a property. Its first byte says how long the pieces are in which it is written.
pub(crate) fn holds(input: &[u8]) {
    let Some((first, output)) = input.split_first() else { return };
    let whole = lines(output, output.len().max(1));
    assert_eq!(lines(output, usize::from(first % 16) + 1), whole, "{output:?}");
    let masked = followed(&whole, Permissions::default());
    secrets_are_gone(&masked, output);
    let consent = Permissions { unsecure_commands: true, unsecure_stop_tokens: true };
    followed(&whole, consent);
}

fn lines(output: &[u8], piece: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut each = |line: Line<'_>| match line {
        Line::Whole(text) => lines.push(text.to_owned()),
        Line::Part(text) => panic!("{} bytes are no long line", text.len()),
    };
    let mut stream = StreamMasker::new(Masker::default());
    for bytes in output.chunks(piece) {
        stream.push(bytes, &mut each);
    }
    stream.finish(&mut each);
    lines
}

/// Follows the commands, and returns the values that are secret then.
fn followed(lines: &[String], permissions: Permissions) -> Vec<String> {
    let mut commands = Commands::new(false, "/w");
    let mut secrets = Vec::new();
    for line in lines {
        let Handled::Command(effects) = commands.take(line, permissions) else { continue };
        assert!(line.contains("::") || line.contains("##["), "{line:?} is no command");
        for effect in effects {
            match effect {
                Effect::Mask(value) => secrets.push(value),
                Effect::SetOutput { name, .. } => assert!(!name.is_empty()),
                Effect::Annotate(found) => {
                    let found = annotation::prepare(found, &Masker::default());
                    assert!(found.message.encode_utf16().count() <= annotation::MAXIMUM_MESSAGE);
                }
                Effect::Fail(error) => assert!(!error.to_string().is_empty()),
                _ => {}
            }
        }
    }
    secrets
}

fn secrets_are_gone(secrets: &[String], output: &[u8]) {
    let masker = Masker::default();
    secrets.iter().for_each(|secret| masker.add_value(secret));
    let Ok(Some(text)) = summary::accept(output, &masker) else { return };
    // A star beside a mask could be taken for one of its own.
    let secrets =
        secrets.iter().filter(|secret| !secret.trim().is_empty() && !secret.contains('*'));
    for secret in secrets {
        assert_eq!(masker.mask(secret), MASK);
        assert!(
            text.split(MASK).all(|part| !part.contains(secret.as_str())),
            "{secret:?} in {text:?}"
        );
    }
}
