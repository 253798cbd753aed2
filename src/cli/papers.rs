//! The BibTeX entries of the papers that a text cites.

/// Every entry whose key or arXiv number occurs in `text`.
pub(crate) fn cited(text: &str) -> Vec<&'static str> {
    let cited = dpm_spec::spec::cited(text);
    cited
        .into_iter()
        .map(|reference| reference.bibtex)
        .collect()
}
