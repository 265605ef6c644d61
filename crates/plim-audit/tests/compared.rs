//! The comparison with other programs names codes that exist, and leaves out no row.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

use std::path::Path;

/// The number, and what stands in the column of `plim`, of each row.
fn rows(page: &str) -> Vec<(usize, String)> {
    let cells = |line: &str| {
        line.replace("\\|", "/").split('|').map(|c| c.trim().to_owned()).collect::<Vec<_>>()
    };
    let rows = page.lines().filter(|line| line.starts_with("| ")).map(cells);
    rows.filter_map(|cells| Some((cells.get(1)?.parse().ok()?, cells.get(3)?.clone()))).collect()
}

#[test]
fn every_row_names_codes_that_exist_or_says_why_there_is_none() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/check-compared.md");
    let rows = rows(&std::fs::read_to_string(path).unwrap());
    let numbers: Vec<usize> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=104).collect::<Vec<_>>());
    for (number, cell) in rows {
        let codes: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        assert!(!codes.is_empty() || cell.starts_with("none: "), "row {number} says nothing");
        for code in codes {
            assert!(plim_audit::rule(code).is_some(), "row {number}: there is no rule `{code}`");
        }
    }
}
