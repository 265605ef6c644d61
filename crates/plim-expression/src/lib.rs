//! Parses, types and evaluates the expressions inside `${{ }}`.
