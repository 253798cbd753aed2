//! Rooted trees with two kinds of vertices: what order conditions of single-step methods are counted by.

/// A tree: a root with lambda-leaves and subtrees.
///
/// In the Taylor series of u' = c u + g(lambda, u) a vertex is one g; a lambda-leaf on it is a
/// derivative by lambda, a subtree a derivative by u, applied to what the subtree stands for. The
/// name writes `.` for the single vertex, `l` for a lambda-leaf, and brackets around what hangs on
/// a root: `[l,[.]]` is g_{lambda u} (g_u g), four vertices with the leaf counted as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The name in brackets.
    pub name: String,
    /// Number of vertices, lambda-leaves counted: the power of h at which the tree enters.
    pub vertices: usize,
    /// k: lambda-leaves on the root.
    pub(super) leaves: usize,
    /// Indices of the subtrees in the list of trees.
    pub(super) subtrees: Vec<usize>,
}

impl Tree {
    /// All trees of at most `vertices` vertices, smaller ones first; subtrees stand before the
    /// trees they hang in. There are 1, 2, 5, 13, 37 trees of 1 to 5 vertices.
    pub fn all(vertices: usize) -> Vec<Tree> {
        let mut trees: Vec<Tree> = Vec::new();
        for size in 1..=vertices {
            for leaves in (0..size).rev() {
                let mut forests = Vec::new();
                collect_forests(&trees, 0, size - 1 - leaves, &mut Vec::new(), &mut forests);
                let grown: Vec<Tree> = forests
                    .into_iter()
                    .map(|forest| Tree::new(&trees, leaves, forest))
                    .collect();
                trees.extend(grown);
            }
        }
        trees
    }

    /// The trees of at most `vertices` vertices, then the tall ones [[...[.]...]] up to `tall`
    /// vertices. The last of [`Tree::all`] is tall.
    pub(super) fn all_and_tall(vertices: usize, tall: usize) -> Vec<Tree> {
        let mut trees = Tree::all(vertices);
        for _ in vertices..tall {
            let grown = Tree::new(&trees, 0, vec![trees.len() - 1]);
            trees.push(grown);
        }
        trees
    }

    fn new(trees: &[Tree], leaves: usize, subtrees: Vec<usize>) -> Self {
        let hanging = subtrees.iter().map(|i| &trees[*i]);
        let vertices = 1 + leaves + hanging.clone().map(|tree| tree.vertices).sum::<usize>();
        let names = std::iter::repeat_n("l", leaves).chain(hanging.map(|tree| tree.name.as_str()));
        let names: Vec<&str> = names.collect();
        let name = match names.as_slice() {
            [] => ".".to_owned(),
            names => format!("[{}]", names.join(",")),
        };
        Tree {
            name,
            vertices,
            leaves,
            subtrees,
        }
    }
}

/// Every multiset of trees from index `first` on with `vertices` vertices together.
fn collect_forests(
    trees: &[Tree],
    first: usize,
    vertices: usize,
    chosen: &mut Vec<usize>,
    forests: &mut Vec<Vec<usize>>,
) {
    if vertices == 0 {
        forests.push(chosen.clone());
        return;
    }
    for (i, tree) in trees.iter().enumerate().skip(first) {
        if tree.vertices <= vertices {
            chosen.push(i);
            collect_forests(trees, i, vertices - tree.vertices, chosen, forests);
            chosen.pop();
        }
    }
}
