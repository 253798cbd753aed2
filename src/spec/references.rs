//! The bibliography, `spec/references.bib`.

const BIBLIOGRAPHY: &str = include_str!("../../spec/references.bib");

/// A paper or book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its key.
    pub key: &'static str,
    /// Its whole BibTeX entry.
    pub bibtex: &'static str,
}

/// Every entry.
pub fn references() -> impl Iterator<Item = Reference> {
    BIBLIOGRAPHY.split("\n\n").filter_map(|bibtex| {
        let bibtex = bibtex.trim_end();
        let (_, rest) = bibtex.strip_prefix('@')?.split_once('{')?;
        let (key, _) = rest.split_once(',')?;
        Some(Reference { key, bibtex })
    })
}

/// The entries whose key stands in `text` in brackets, or whose arXiv number does.
pub fn cited(text: &str) -> Vec<Reference> {
    references()
        .filter(|reference| {
            let number = reference.field("eprint");
            text.contains(&format!("[{}]", reference.key))
                || number.is_some_and(|number| text.contains(number))
        })
        .collect()
}

/// The text with every key in brackets replaced by authors, year and title.
pub fn in_full(text: &str) -> String {
    cited(text).iter().fold(text.to_owned(), |text, reference| {
        let (key, citation) = (format!("[{}]", reference.key), reference.citation());
        // A place in the paper follows after a comma.
        text.replace(&format!("{key} "), &format!("{citation}, "))
            .replace(&key, &citation)
    })
}

impl Reference {
    /// The value of a field, without its outer braces.
    pub fn field(&self, name: &str) -> Option<&'static str> {
        let line = self.bibtex.lines().find_map(|line| {
            let rest = line.trim_start().strip_prefix(name)?;
            rest.trim_start().strip_prefix('=')
        })?;
        let (_, value) = line.split_once('{')?;
        value.rsplit_once('}').map(|(value, _)| value)
    }

    /// Authors, year, title and arXiv number in one line.
    pub fn citation(&self) -> String {
        let field = |name| self.field(name).unwrap_or_default().replace(['{', '}'], "");
        let authors = match self.field("author") {
            Some(_) => field("author"),
            None => field("editor"),
        };
        let family = |author: &str| author.split(',').next().unwrap_or_default().to_owned();
        let mut names = authors.split(" and ").map(family);
        let first = names.next().unwrap_or_default();
        let others = match (names.next(), names.next()) {
            (None, _) => String::new(),
            (Some(second), None) => format!(" and {second}"),
            _ => " et al.".to_owned(),
        };
        let number = match self.field("eprint") {
            Some(number) => format!(", arXiv {number}"),
            None => String::new(),
        };
        format!(
            "{first}{others} {}, {}{number}",
            field("year"),
            field("title")
        )
    }
}
