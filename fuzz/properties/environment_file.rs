//! What must hold of any bytes that a step leaves in an environment file.

use plim_run::environment_file::{
    EnvironmentFileErrorKind, Pairs, blocked, parse_environment, parse_outputs, parse_pairs,
    parse_paths,
};

/// Panics when `input` breaks a property.
pub(crate) fn holds(input: &[u8]) {
    let read = parse_pairs(input);
    if let Some(error) = &read.error {
        assert!((1..=input.len()).contains(&error.line), "{error} in {input:?}");
        assert!(!error.to_string().is_empty() && !error.help().is_empty());
    }
    outputs_hold(input, &read);
    environment_holds(input, &read);
    assert_eq!(parse_pairs(written(&read.pairs).as_bytes()).pairs, read.pairs, "{input:?}");
    for path in parse_paths(input) {
        assert!(!path.is_empty() && !path.contains(['\r', '\n']), "{path:?}");
    }
}

/// Outputs are the same pairs, up to the first without a name.
fn outputs_hold(input: &[u8], read: &Pairs) {
    let outputs = parse_outputs(input);
    assert!(read.pairs.starts_with(&outputs.pairs));
    match outputs.error {
        Some(error) if error.kind == EnvironmentFileErrorKind::EmptyName => {
            assert_eq!(read.pairs[outputs.pairs.len()].0, "");
        }
        error => assert_eq!((error, outputs.pairs), (read.error.clone(), read.pairs.clone())),
    }
}

/// Variables are the same pairs, sorted out.
fn environment_holds(input: &[u8], read: &Pairs) {
    let changes = parse_environment(input);
    assert_eq!(changes.error, read.error);
    let named = read.pairs.iter().filter(|(name, _)| !name.is_empty()).count();
    assert_eq!(changes.set.len() + changes.refused.len(), named);
    assert!(changes.set.iter().all(|(name, _)| !blocked(name)));
    assert!(changes.refused.iter().all(|name| blocked(name)));
}

/// The pairs as a careful step would write them. The empty line keeps a byte order mark from being one.
fn written(pairs: &[(String, String)]) -> String {
    let mut text = String::from("\n");
    for (name, value) in pairs {
        if value.contains('\n') {
            let mut end = String::from("END");
            while value.lines().any(|line| line == end) {
                end.push('D');
            }
            text.push_str(&format!("{name}<<{end}\n{value}\n{end}\n"));
        } else {
            text.push_str(&format!("{name}={value}\n"));
        }
    }
    text
}
