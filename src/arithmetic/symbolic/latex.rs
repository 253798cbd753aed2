//! Prints a sum as a paper would.

use super::call::Function;
use super::simplify::{Base, Factor, Sum, Term};
use crate::arithmetic::{Rational, rational};
use std::sync::Arc;

/// The LaTeX of a sum, in displayed style.
pub(super) fn display(sum: &Sum) -> String {
    Style::Displayed.sum(sum)
}

/// How fractions and parentheses are set.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    /// `\frac{a}{b}` and parentheses that grow.
    Displayed,
    /// In an exponent: `a/b` and plain parentheses.
    Inline,
}

/// One factor of a product, as text.
struct Piece {
    text: String,
    shape: Shape,
    place: Place,
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// Can stand in a product and take an exponent.
    Closed,
    /// Can stand in a product, needs parentheses under an exponent.
    Raised,
    /// A sum: needs parentheses beside other factors.
    Open,
}

/// Where a factor stands in its product.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Number,
    Scalar,
    Function,
    Vector,
}

impl Style {
    fn sum(self, sum: &Sum) -> String {
        let mut signed: Vec<(bool, String)> = Vec::new();
        for term in sum.terms() {
            let negative = *term.coefficient.numer() < 0;
            if let Some(exponential) = bare_exp_m1(term) {
                signed.push((negative, self.sum(&exponential)));
                signed.push((!negative, "1".into()));
            } else {
                signed.push((negative, self.term(term)));
            }
        }
        if let Some(at) = signed.iter().position(|(negative, _)| !negative) {
            signed[..=at].rotate_right(1);
        }
        let mut text = String::new();
        for (at, (negative, body)) in signed.iter().enumerate() {
            text += match (at, negative) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            };
            text += body;
        }
        if text.is_empty() { "0".into() } else { text }
    }

    /// The term without its sign.
    fn term(self, term: &Term) -> String {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        let (num, den) = (term.coefficient.numer(), term.coefficient.denom());
        if *num != 1 && *num != -1 {
            above.push(Piece::number(num.unsigned_abs().to_string()));
        }
        if *den != 1 {
            below.push(Piece::number(den.to_string()));
        }
        for factor in &term.factors {
            let side = if factor.exponent > 0 {
                &mut above
            } else {
                &mut below
            };
            side.push(self.factor(factor));
            if let Base::Call(Function::Atan2Pi, _) = factor.base {
                let pi = Factor {
                    base: pi(),
                    exponent: -factor.exponent,
                };
                let other = if factor.exponent > 0 {
                    &mut below
                } else {
                    &mut above
                };
                other.push(self.factor(&pi));
            }
        }
        above.sort_by_key(|piece| piece.place);
        below.sort_by_key(|piece| piece.place);
        if below.is_empty() {
            return self.product(&above);
        }
        if self == Style::Inline {
            return self.slashed(&above, &below);
        }
        // Weight times vector: the vector stands behind the fraction, \frac{a}{b} x.
        let scalars = above.partition_point(|piece| piece.place < Place::Vector);
        let split = if scalars == 0 { above.len() } else { scalars };
        let (inside, behind) = above.split_at(split);
        let mut pieces = vec![Piece {
            text: format!(
                r"\frac{{{}}}{{{}}}",
                self.product(inside),
                self.product(&below)
            ),
            shape: Shape::Closed,
            place: Place::Scalar,
        }];
        pieces.extend(behind.iter().map(Piece::copy));
        self.product(&pieces)
    }

    fn slashed(self, above: &[Piece], below: &[Piece]) -> String {
        let above = match above {
            [piece] => self.closed(piece),
            _ => self.product(above),
        };
        let below = match below {
            [piece] => self.closed(piece),
            _ => self.parenthesised(&self.product(below)),
        };
        format!("{above}/{below}")
    }

    fn product(self, pieces: &[Piece]) -> String {
        match pieces {
            [] => "1".into(),
            [piece] => piece.text.clone(),
            _ => {
                let mut text = String::new();
                for (at, piece) in pieces.iter().enumerate() {
                    if at > 0 {
                        let number = piece.place == Place::Number;
                        text += if number { r" \cdot " } else { " " };
                    }
                    text += &self.closed(piece);
                }
                text
            }
        }
    }

    fn closed(self, piece: &Piece) -> String {
        if piece.shape == Shape::Open {
            self.parenthesised(&piece.text)
        } else {
            piece.text.clone()
        }
    }

    fn parenthesised(self, text: &str) -> String {
        match self {
            Style::Displayed => format!(r"\left({text}\right)"),
            Style::Inline => format!("({text})"),
        }
    }

    /// The parentheses of a function grow only around what is taller than a line.
    fn arguments(self, text: &str) -> String {
        if [r"\frac", r"\left", "^{"]
            .iter()
            .any(|tall| text.contains(tall))
        {
            self.parenthesised(text)
        } else {
            format!("({text})")
        }
    }

    fn factor(self, factor: &Factor) -> Piece {
        let mut piece = self.base(&factor.base);
        let exponent = factor.exponent.unsigned_abs();
        if exponent > 1 {
            if piece.shape != Shape::Closed {
                piece.text = self.parenthesised(&piece.text);
            }
            piece.shape = Shape::Raised;
            piece.text += &match exponent {
                ..10 => format!("^{exponent}"),
                _ => format!("^{{{exponent}}}"),
            };
        }
        piece
    }

    fn base(self, base: &Base) -> Piece {
        let place = if is_vector(base) {
            Place::Vector
        } else {
            Place::Scalar
        };
        match base {
            Base::Number(value) => self.number(*value),
            Base::Symbol { latex, .. } => Piece {
                text: latex.to_string(),
                shape: if latex.contains('^') {
                    Shape::Raised
                } else {
                    Shape::Closed
                },
                place,
            },
            Base::Group(sum) => Piece {
                text: self.sum(sum),
                shape: Shape::Open,
                place,
            },
            Base::Call(function, arguments) => self.call(*function, arguments),
        }
    }

    fn number(self, value: Rational) -> Piece {
        let sign = if *value.numer() < 0 { "-" } else { "" };
        let term = Term {
            coefficient: value,
            factors: Vec::new(),
        };
        let plain = sign.is_empty() && *value.denom() == 1;
        Piece {
            text: format!("{sign}{}", self.term(&term)),
            shape: if plain { Shape::Closed } else { Shape::Open },
            place: Place::Number,
        }
    }

    fn call(self, function: Function, arguments: &[Sum]) -> Piece {
        let closed = |text| (text, Shape::Closed, Place::Function);
        let named = |name: &str, x: &Sum| closed(format!("{name}{}", self.arguments(&self.sum(x))));
        let (text, shape, place) = match (function, arguments) {
            (Function::Exp, [x]) => (
                format!("e^{{{}}}", Style::Inline.sum(x)),
                Shape::Raised,
                Place::Function,
            ),
            (Function::ExpM1, [x]) => (
                format!(
                    "{} - 1",
                    self.call(Function::Exp, std::slice::from_ref(x)).text
                ),
                Shape::Open,
                Place::Function,
            ),
            (Function::Phi(k @ ..10), [x]) => named(&format!(r"\varphi_{k}"), x),
            (Function::Phi(k), [x]) => named(&format!(r"\varphi_{{{k}}}"), x),
            (Function::Ln, [x]) => named(r"\ln", x),
            (Function::Ln1p, [x]) => named(r"\ln", &Sum::constant(rational(1, 1)).plus(x)),
            (Function::Sqrt, [x]) => closed(format!(r"\sqrt{{{}}}", self.sum(x))),
            (Function::SinPi, [x]) => named(r"\sin", &Sum::of(pi()).times(x)),
            (Function::CosPi, [x]) => named(r"\cos", &Sum::of(pi()).times(x)),
            (Function::Atan2Pi, [y, x]) => {
                let pair = format!("{}, {}", self.sum(y), self.sum(x));
                closed(format!(r"\operatorname{{atan2}}{}", self.arguments(&pair)))
            }
            (Function::Power, [x, exponent]) => {
                let raised = match x.terms() {
                    [
                        Term {
                            coefficient,
                            factors,
                        },
                    ] if factors.is_empty() => self.number(*coefficient),
                    [
                        Term {
                            coefficient,
                            factors,
                        },
                    ] if *coefficient == rational(1, 1)
                        && factors.len() == 1
                        && factors[0].exponent == 1 =>
                    {
                        self.base(&factors[0].base)
                    }
                    _ => Piece {
                        text: self.sum(x),
                        shape: Shape::Open,
                        place: Place::Scalar,
                    },
                };
                let base = if raised.shape == Shape::Closed {
                    raised.text
                } else {
                    self.parenthesised(&raised.text)
                };
                (
                    format!("{base}^{{{}}}", Style::Inline.sum(exponent)),
                    Shape::Raised,
                    raised.place,
                )
            }
            _ => closed(String::new()),
        };
        Piece { text, shape, place }
    }
}

impl Piece {
    fn number(text: String) -> Self {
        Piece {
            text,
            shape: Shape::Closed,
            place: Place::Number,
        }
    }

    fn copy(&self) -> Self {
        Piece {
            text: self.text.clone(),
            ..*self
        }
    }
}

fn pi() -> Base {
    Base::Symbol {
        latex: Arc::from(r"\pi"),
        vector: false,
    }
}

fn is_vector(base: &Base) -> bool {
    match base {
        Base::Symbol { vector, .. } => *vector,
        Base::Group(sum) => sum
            .terms()
            .iter()
            .flat_map(|term| &term.factors)
            .any(|factor| is_vector(&factor.base)),
        Base::Number(_) | Base::Call(..) => false,
    }
}

/// e^x of a term that is nothing but +-(e^x - 1): such a term needs no parentheses in a sum.
fn bare_exp_m1(term: &Term) -> Option<Sum> {
    match term.factors.as_slice() {
        [
            Factor {
                base: Base::Call(Function::ExpM1, arguments),
                exponent: 1,
            },
        ] if *term.coefficient.denom() == 1 && term.coefficient.numer().abs() == 1 => {
            Sum::call(Function::Exp, arguments.clone())
        }
        _ => None,
    }
}
