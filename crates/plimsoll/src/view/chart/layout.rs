//! Places boxes in columns by who waits for whom, with few crossings; the same input gives the same picture.
//!
//! As in Sugiyama's method: each box gets the column behind those it waits for, an edge over several columns gets a
//! bend in each of them, columns are ordered by the means of their neighbours, and rows follow those means as far as
//! the order allows. Boxes without edges stand in a grid below. All numbers are pixels.

/// How large a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: i64,
    pub(super) height: i64,
}

/// A box with its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// Where everything is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Of each box.
    pub(super) places: Vec<Place>,
    /// Of each edge: where it passes through the columns between its ends, as left end, right end and height.
    pub(super) bends: Vec<Vec<(i64, i64, i64)>>,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// Between two columns.
const COLUMN_GAP: i64 = 56;
/// Between two boxes of a column.
const ROW_GAP: i64 = 14;
/// How often columns are ordered, and rows are moved.
const SWEEPS: usize = 8;

/// A box, or the bend of an edge, in its column.
#[derive(Clone, Debug)]
struct Node {
    column: usize,
    size: Size,
    before: Vec<usize>,
    behind: Vec<usize>,
    /// Its middle.
    y: i64,
}

/// Lays out `boxes`; `edges` are pairs of indices, from what comes first to what waits.
pub(super) fn layout(boxes: &[Size], edges: &[(usize, usize)]) -> Layout {
    let mut is_joined = vec![false; boxes.len()];
    for &(from, to) in edges {
        (is_joined[from], is_joined[to]) = (true, true);
    }
    let mut layout = layered(boxes, edges, &is_joined);
    let alone: Vec<usize> = (0..boxes.len()).filter(|&one| !is_joined[one]).collect();
    grid(boxes, &alone, &mut layout);
    layout
}

fn layered(boxes: &[Size], edges: &[(usize, usize)], is_joined: &[bool]) -> Layout {
    let columns_of = columns(boxes.len(), edges);
    let mut nodes: Vec<Node> = boxes
        .iter()
        .zip(&columns_of)
        .map(|(&size, &column)| Node { column, size, before: vec![], behind: vec![], y: 0 })
        .collect();
    let chains: Vec<Vec<usize>> = edges.iter().map(|&edge| chain(edge, &mut nodes)).collect();
    let mut columns: Vec<Vec<usize>> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        if at >= boxes.len() || is_joined[at] {
            columns.resize(columns.len().max(node.column + 1), Vec::new());
            columns[node.column].push(at);
        }
    }
    order(&mut columns, &nodes);
    rows(&columns, &mut nodes);
    placed(boxes.len(), &columns, &nodes, &chains)
}

/// The column of each box: one behind the last that it waits for. What waits for itself in a circle stays in the first.
fn columns(number: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let (mut column, mut waits) = (vec![0; number], vec![0_usize; number]);
    let mut behind: Vec<Vec<usize>> = vec![Vec::new(); number];
    for &(from, to) in edges {
        waits[to] += 1;
        behind[from].push(to);
    }
    let mut ready: Vec<usize> = (0..number).filter(|&one| waits[one] == 0).collect();
    while let Some(one) = ready.pop() {
        for &next in &behind[one] {
            column[next] = column[next].max(column[one] + 1);
            waits[next] -= 1;
            if waits[next] == 0 {
                ready.push(next);
            }
        }
    }
    column
}

/// Makes the bends of an edge, and joins them; an edge that does not lead to a later column has none.
fn chain((from, to): (usize, usize), nodes: &mut Vec<Node>) -> Vec<usize> {
    let (first, last) = (nodes[from].column, nodes[to].column);
    if last <= first {
        return Vec::new();
    }
    let mut bends = Vec::new();
    let mut previous = from;
    for column in first + 1..last {
        let size = Size { width: 0, height: 2 };
        nodes.push(Node { column, size, before: vec![previous], behind: vec![], y: 0 });
        let own = nodes.len() - 1;
        nodes[previous].behind.push(own);
        bends.push(own);
        previous = own;
    }
    nodes[previous].behind.push(to);
    nodes[to].before.push(previous);
    bends
}

/// Orders each column by the mean place of its neighbours, from the left and from the right in turn, and keeps the
/// order with the fewest crossings.
fn order(columns: &mut Vec<Vec<usize>>, nodes: &[Node]) {
    let mut place = vec![0_usize; nodes.len()];
    let note = |columns: &[Vec<usize>], place: &mut Vec<usize>| {
        for column in columns {
            column.iter().enumerate().for_each(|(at, &node)| place[node] = at);
        }
    };
    note(columns, &mut place);
    let mut best = (crossings(columns, nodes, &place), columns.clone());
    for sweep in 0..SWEEPS {
        let number = columns.len();
        for step in 0..number {
            let at = if sweep % 2 == 0 { step } else { number - 1 - step };
            let mean = |node: usize| {
                let own = &nodes[node];
                let near = if sweep % 2 == 0 { &own.before } else { &own.behind };
                let sum: usize = near.iter().map(|&other| place[other] * 1000).sum();
                if near.is_empty() { place[node] * 1000 } else { sum / near.len() }
            };
            let mut keyed: Vec<(usize, usize)> =
                columns[at].iter().map(|&node| (mean(node), node)).collect();
            keyed.sort_by_key(|&(mean, _)| mean);
            columns[at] = keyed.into_iter().map(|(_, node)| node).collect();
            for (row, &node) in columns[at].iter().enumerate() {
                place[node] = row;
            }
        }
        let now = crossings(columns, nodes, &place);
        if now < best.0 {
            best = (now, columns.clone());
        }
    }
    *columns = best.1;
}

/// More edges between two columns than this are not counted, since nobody could follow them.
const COUNTED: usize = 600;

fn crossings(columns: &[Vec<usize>], nodes: &[Node], place: &[usize]) -> usize {
    let mut sum = 0;
    for column in columns {
        let edges: Vec<(usize, usize)> = column
            .iter()
            .flat_map(|&node| nodes[node].behind.iter().map(move |&to| (place[node], place[to])))
            .take(COUNTED)
            .collect();
        for (at, one) in edges.iter().enumerate() {
            let crosses = |other: &&(usize, usize)| {
                one.0 < other.0 && one.1 > other.1 || one.0 > other.0 && one.1 < other.1
            };
            sum += edges[at + 1..].iter().filter(crosses).count();
        }
    }
    sum
}

/// Moves each box towards the mean height of its neighbours, as far as the order of its column allows.
fn rows(columns: &[Vec<usize>], nodes: &mut [Node]) {
    for column in columns {
        let mut top = 0;
        for &node in column {
            nodes[node].y = top + nodes[node].size.height / 2;
            top += nodes[node].size.height + ROW_GAP;
        }
    }
    for sweep in 0..2 * SWEEPS {
        let forward = sweep % 2 == 0;
        for step in 0..columns.len() {
            let at = if forward { step } else { columns.len() - 1 - step };
            let wanted: Vec<i64> = columns[at]
                .iter()
                .map(|&node| {
                    let own = &nodes[node];
                    let near = if forward { &own.before } else { &own.behind };
                    mean(near.iter().map(|&other| nodes[other].y)).unwrap_or(own.y)
                })
                .collect();
            let heights: Vec<i64> =
                columns[at].iter().map(|&node| nodes[node].size.height).collect();
            for (&node, y) in columns[at].iter().zip(spread(&wanted, &heights)) {
                nodes[node].y = y;
            }
        }
    }
}

fn mean(values: impl Iterator<Item = i64>) -> Option<i64> {
    let (sum, number) = values.fold((0, 0), |(sum, number), value| (sum + value, number + 1));
    (number > 0).then(|| sum / number)
}

/// The heights nearest to those that are `wanted`, in their order and without overlaps.
///
/// Less the room that those above take, the heights must not fall; neighbours that fall are given their mean.
fn spread(wanted: &[i64], heights: &[i64]) -> Vec<i64> {
    let mut offset = 0;
    let offsets: Vec<i64> = heights
        .iter()
        .map(|height| {
            let middle = offset + height / 2;
            offset += height + ROW_GAP;
            middle
        })
        .collect();
    let mut blocks: Vec<(i64, i64)> = Vec::new();
    for (wanted, offset) in wanted.iter().zip(&offsets) {
        let mut block = (wanted - offset, 1);
        while let Some(last) = blocks.pop_if(|last| last.0 / last.1 > block.0 / block.1) {
            block = (block.0 + last.0, block.1 + last.1);
        }
        blocks.push(block);
    }
    let levels = blocks.iter().flat_map(|&(sum, number)| {
        std::iter::repeat_n(sum / number, usize::try_from(number).unwrap_or(0))
    });
    levels.zip(&offsets).map(|(level, offset)| level + offset).collect()
}

fn placed(number: usize, columns: &[Vec<usize>], nodes: &[Node], chains: &[Vec<usize>]) -> Layout {
    let mut layout = Layout { places: vec![Place::default(); number], ..Layout::default() };
    let used = || columns.iter().flatten().map(|&node| &nodes[node]);
    let top = used().map(|node| node.y - node.size.height / 2).min().unwrap_or(0);
    let mut left = vec![(0, 0); columns.len()];
    let mut x = 0;
    for (at, column) in columns.iter().enumerate() {
        let width = column.iter().map(|&node| nodes[node].size.width).max().unwrap_or(0);
        left[at] = (x, width);
        for &node in column.iter().filter(|&&node| node < number) {
            let Size { height, .. } = nodes[node].size;
            let y = nodes[node].y - height / 2 - top;
            layout.places[node] = Place { x, y, width, height };
            layout.height = layout.height.max(y + height);
        }
        layout.width = x + width;
        x += width + COLUMN_GAP;
    }
    let bend = |&node: &usize| {
        let (x, width) = left[nodes[node].column];
        (x, x + width, nodes[node].y - top)
    };
    layout.bends = chains.iter().map(|chain| chain.iter().map(bend).collect()).collect();
    let lowest = layout.bends.iter().flatten().map(|bend| bend.2 + 2).max().unwrap_or(0);
    layout.height = layout.height.max(lowest);
    layout
}

/// Puts boxes without edges below the others.
fn grid(boxes: &[Size], alone: &[usize], layout: &mut Layout) {
    let width = alone.iter().map(|&one| boxes[one].width).max().unwrap_or(0);
    let height = alone.iter().map(|&one| boxes[one].height).max().unwrap_or(0);
    if alone.is_empty() {
        return;
    }
    let fitting = (layout.width + ROW_GAP) / (width + ROW_GAP);
    let wanted = i64::try_from(alone.len().isqrt()).unwrap_or(1).clamp(1, 6);
    let across = usize::try_from(fitting.max(wanted)).unwrap_or(1).min(alone.len());
    let top = if layout.height > 0 { layout.height + 2 * ROW_GAP } else { 0 };
    let (mut x, mut y) = (0, top);
    for (at, &one) in alone.iter().enumerate() {
        if at > 0 && at % across == 0 {
            (x, y) = (0, y + height + ROW_GAP);
        }
        layout.places[one] = Place { x, y, width, height: boxes[one].height };
        layout.width = layout.width.max(x + width);
        layout.height = y + height;
        x += width + ROW_GAP;
    }
}

/// Those of `edges` that do not follow from others, by their index.
///
/// Above a number of edges that nobody could follow anyway, all are kept.
pub(super) fn direct(number: usize, edges: &[(usize, usize)]) -> Vec<bool> {
    const MOST: usize = 4000;
    if edges.len() > MOST || number > MOST {
        return vec![true; edges.len()];
    }
    let mut behind: Vec<Vec<usize>> = vec![Vec::new(); number];
    edges.iter().for_each(|&(from, to)| behind[from].push(to));
    let reaches = |from: usize, wanted: usize| {
        let mut seen = vec![false; number];
        let mut open: Vec<usize> = behind[from].iter().copied().filter(|&n| n != wanted).collect();
        while let Some(one) = open.pop() {
            if one == wanted {
                return true;
            }
            if !std::mem::replace(&mut seen[one], true) && one != from {
                open.extend(&behind[one]);
            }
        }
        false
    };
    edges.iter().map(|&(from, to)| !reaches(from, to)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: Size = Size { width: 100, height: 40 };

    #[test]
    fn what_waits_stands_behind_what_it_waits_for() {
        let layout = layout(&[SIZE; 4], &[(0, 1), (1, 2), (0, 2)]);
        let x: Vec<i64> = layout.places.iter().map(|place| place.x).collect();
        assert_eq!(x, [0, 156, 312, 0]);
        assert_eq!(layout.bends[2].len(), 1);
        assert!(layout.places[3].y > layout.places[0].y + 40);
    }

    #[test]
    fn an_edge_that_follows_from_others_is_not_direct() {
        assert_eq!(direct(3, &[(0, 1), (1, 2), (0, 2)]), [true, true, false]);
        assert_eq!(direct(2, &[(0, 1), (1, 0)]), [true, true]);
    }

    #[test]
    fn two_that_cross_are_swapped() {
        let layout = layout(&[SIZE; 4], &[(0, 3), (1, 2)]);
        let above = |one: usize, other: usize| layout.places[one].y < layout.places[other].y;
        assert_eq!(above(0, 1), above(3, 2));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn no_two_boxes_overlap(
            number in 1..20_usize,
            edges in prop::collection::vec((0..20_usize, 0..20_usize), 0..40),
            heights in prop::collection::vec(20..80_i64, 20),
        ) {
            let boxes: Vec<Size> = (0..number).map(|at| Size { width: 90, height: heights[at] }).collect();
            let edges: Vec<_> = edges.into_iter().map(|(a, b)| (a % number, b % number)).filter(|(a, b)| a != b).collect();
            let found = layout(&boxes, &edges);
            prop_assert_eq!(&found, &layout(&boxes, &edges));
            for (at, one) in found.places.iter().enumerate() {
                prop_assert!(one.x >= 0 && one.y >= 0);
                prop_assert!(one.x + one.width <= found.width && one.y + one.height <= found.height);
                for other in &found.places[at + 1..] {
                    let apart = one.x + one.width <= other.x || other.x + other.width <= one.x
                        || one.y + one.height <= other.y || other.y + other.height <= one.y;
                    prop_assert!(apart, "{:?} {:?}", one, other);
                }
            }
        }
    }
}
