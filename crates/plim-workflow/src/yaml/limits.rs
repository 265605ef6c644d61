//! Limits keep a hostile file from costing more than an honest one.

/// How much of a file is read before it is refused, and what may stand in it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Most UTF-16 code units in the file, as .NET counts the length of a string.
    pub characters: usize,
    /// Most collections inside one another, counting those that aliases bring in.
    pub depth: usize,
    /// Most nodes in a walk through the file that follows every alias. As in the runner, a collection counts twice.
    pub nodes: u64,
    /// Whether anchors may stand in the file. GitHub.com allows them since 2025-08; its servers that are older refuse them.
    pub anchors: bool,
}

/// The limits of GitHub: `ParseOptions.MaxFileSize` and `MaxDepth`, and `c_maxYamlNodes` of its `YamlObjectReader`.
impl Default for Limits {
    fn default() -> Self {
        Self { characters: 1024 * 1024, depth: 50, nodes: 50_000, anchors: true }
    }
}
