//! Ids as users type them: `name[:key=value,flag,...]`, with the nearest suggestion when unknown.

use crate::arithmetic::{Rational, parse_rational};
use crate::error::{Code, Error, Result};

/// A parsed id: its name, and its parameters in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id {
    /// The part before the colon.
    pub name: String,
    parameters: Vec<(String, Option<String>)>,
}

impl Id {
    /// Parses `name[:key=value,flag,...]`.
    ///
    /// # Errors
    /// `E-PARAMETER` for an empty name or parameter, or a parameter given twice.
    pub fn parse(text: &str) -> Result<Self> {
        let (name, rest) = match text.split_once(':') {
            Some((name, rest)) => (name, Some(rest)),
            None => (text, None),
        };
        let mut parameters: Vec<(String, Option<String>)> = Vec::new();
        for item in rest.iter().flat_map(|r| r.split(',')) {
            let (key, value) = match item.split_once('=') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (item, None),
            };
            if key.is_empty()
                || value.as_deref() == Some("")
                || parameters.iter().any(|(k, _)| k == key)
            {
                return Err(Error::new(
                    Code::Parameter,
                    format!("parameter `{item}` is empty or given twice"),
                    format!("`{text}`"),
                    "write name:key=value,key=value",
                ));
            }
            parameters.push((key.to_owned(), value));
        }
        Ok(Id {
            name: name.to_owned(),
            parameters,
        })
    }

    /// Takes the text of `key` out, if present.
    pub fn take(&mut self, key: &str) -> Option<String> {
        let index = self
            .parameters
            .iter()
            .position(|(k, v)| k == key && v.is_some())?;
        self.parameters.remove(index).1
    }

    /// Takes the bare flag `key` out; true if it was there.
    pub fn take_flag(&mut self, key: &str) -> bool {
        let found = self
            .parameters
            .iter()
            .position(|(k, v)| k == key && v.is_none());
        found.map(|index| self.parameters.remove(index)).is_some()
    }

    /// Takes an exact number out, or gives the default.
    ///
    /// # Errors
    /// `E-NUMBER` if the text is not an exact number.
    pub fn take_number(&mut self, key: &str, default: Rational) -> Result<Rational> {
        match self.take(key) {
            Some(text) => {
                parse_rational(&text).map_err(|e| e.at(format!("`{}`, {key}", self.name)))
            }
            None => Ok(default),
        }
    }

    /// Takes one of the named choices out, or gives the default.
    ///
    /// # Errors
    /// `E-PARAMETER` if the text is none of the choices.
    pub fn take_choice<T: Clone>(
        &mut self,
        key: &str,
        choices: &[(&str, T)],
        default: T,
    ) -> Result<T> {
        match self.take(key) {
            Some(text) => choose(
                &text,
                choices,
                Code::Parameter,
                &format!("`{}`, {key}", self.name),
            ),
            None => Ok(default),
        }
    }

    /// Fails if a parameter is left over.
    ///
    /// # Errors
    /// `E-PARAMETER` naming the parameter that nobody took, and those that would be right.
    pub fn finish(self, known: &[&str]) -> Result<()> {
        match self.parameters.first() {
            None => Ok(()),
            Some((key, _)) => {
                let remedy = if known.is_empty() {
                    format!("`{}` takes no parameters", self.name)
                } else {
                    format!("parameters of `{}`: {}", self.name, known.join(", "))
                };
                Err(Error::new(
                    Code::Parameter,
                    format!("unknown parameter `{key}`"),
                    format!("`{}`", self.name),
                    remedy,
                ))
            }
        }
    }
}

/// The choice whose name is `text`.
///
/// # Errors
/// The given code, naming the nearest choice, if there is none.
pub fn choose<T: Clone>(text: &str, choices: &[(&str, T)], code: Code, place: &str) -> Result<T> {
    choices
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, value)| value.clone())
        .ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            Error::new(
                code,
                format!("unknown value `{text}`"),
                place,
                suggestion(text, &names),
            )
        })
}

/// "did you mean ...", or the list of what there is.
pub fn suggestion(text: &str, names: &[&str]) -> String {
    let nearest = names.iter().min_by_key(|name| distance(text, name));
    match nearest {
        Some(name) if distance(text, name) <= 3 => format!("did you mean `{name}`?"),
        _ => format!("choose one of {}", names.join(", ")),
    }
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
