//! What an expression names, as a path: `github.event.issue.title`.

use plim_expression::{Node, NodeKind, Value};

/// The path that `node` reads: names in lower case, `*` for wildcards and for what is computed.
///
/// `None` where it is no path from a context.
pub(crate) fn path(node: &Node) -> Option<String> {
    let mut path = String::new();
    write(node, &mut path)?;
    Some(path)
}

fn write(node: &Node, path: &mut String) -> Option<()> {
    match &node.kind {
        NodeKind::NamedValue(name) => path.push_str(name),
        NodeKind::Dereference { object, name, .. } => {
            write(object, path)?;
            push(path, name);
        }
        NodeKind::Index { object, index } => {
            write(object, path)?;
            match &index.kind {
                NodeKind::Literal(Value::String(name)) => push(path, name),
                _ => path.push_str(".*"),
            }
        }
        _ => return None,
    }
    Some(())
}

fn push(path: &mut String, name: &str) {
    path.push('.');
    path.extend(name.chars().map(|c| c.to_ascii_lowercase()));
}

/// The parts of `node` whose value can become its value, those of `format` and the like included.
///
/// What is only compared or tested is not among them, nor the left side of an `&&`, which shows only where it is empty.
pub(crate) fn values(node: &Node) -> Vec<&Node> {
    let mut found = Vec::new();
    gather(node, &mut found);
    found
}

fn gather<'n>(node: &'n Node, found: &mut Vec<&'n Node>) {
    match &node.kind {
        NodeKind::And(operands) => {
            operands.last().into_iter().for_each(|last| gather(last, found));
        }
        NodeKind::Or(operands) => operands.iter().for_each(|operand| gather(operand, found)),
        NodeKind::Not(_) | NodeKind::Compare { .. } => {}
        NodeKind::Call { function, arguments, .. } => {
            match function.name().to_ascii_lowercase().as_str() {
                "format" | "join" | "tojson" | "fromjson" => {
                    arguments.iter().for_each(|argument| gather(argument, found));
                }
                "case" => {
                    let last = arguments.len().saturating_sub(1);
                    let gives = |at: &usize| at % 2 == 1 || *at == last;
                    (0..arguments.len()).filter(gives).for_each(|at| gather(&arguments[at], found));
                }
                _ => {}
            }
        }
        NodeKind::Dereference { object, .. } | NodeKind::Index { object, .. }
            if path(node).is_none() =>
        {
            gather(object, found);
        }
        _ => found.push(node),
    }
}

#[cfg(test)]
mod tests {
    use plim_expression::Expression;

    use super::*;

    fn paths(source: &str) -> Vec<String> {
        let expression = Expression::parse(source).unwrap();
        values(expression.root()).into_iter().filter_map(path).collect()
    }

    #[test]
    fn only_what_can_become_the_value_counts() {
        assert_eq!(paths("GitHub.event['Issue'].title"), ["github.event.issue.title"]);
        assert_eq!(paths("env.x && needs.y || github.z"), ["needs.y", "github.z"]);
        assert_eq!(paths("env.x == 'a' || !needs.y"), [""; 0]);
        assert_eq!(paths("format('{0}', toJSON(steps.a.*.b))"), ["steps.a.*.b"]);
        assert_eq!(paths("fromJSON(steps.a.outputs.b).c[0]"), ["steps.a.outputs.b"]);
        assert_eq!(paths("case(env.a, env.b, env.c)"), ["env.b", "env.c"]);
    }
}
