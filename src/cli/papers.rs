//! The BibTeX entries of the papers that a text cites.

/// The bibliography as it stands in the repository.
const BIBLIOGRAPHY: &str = include_str!("../../docs/references.bib");

/// Every entry whose arXiv number (`eprint`) or citation (`keywords`) occurs in `text`.
pub(crate) fn cited(text: &str) -> Vec<&'static str> {
    BIBLIOGRAPHY
        .split("\n\n")
        .filter(|entry| entry.starts_with('@'))
        .filter(|entry| {
            let names = [field(entry, "eprint"), field(entry, "keywords")];
            names.iter().flatten().any(|name| text.contains(name))
        })
        .map(str::trim_end)
        .collect()
}

fn field<'a>(entry: &'a str, name: &str) -> Option<&'a str> {
    let line = entry
        .lines()
        .find(|line| line.trim_start().starts_with(name))?;
    line.split_once('{')?
        .1
        .split_once('}')
        .map(|(value, _)| value)
}
