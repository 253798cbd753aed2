//! What a kernel may compute: + - * on f32 and integer operations, whose results every driver
//! agrees on up to the rounding that the bounds count.
//!
//! WGSL leaves the accuracy of its other functions to the driver, lets it assume that no value is
//! NaN (so that `x != x` is false), and bounds sine, logarithm and their like too loosely.

use naga::valid::{FunctionInfo, ModuleInfo};
use naga::{
    BinaryOperator, Expression, Function, Handle, MathFunction, Module, ScalarKind, TypeInner,
};

/// What single files may do beyond that, and why.
const ALSO: [(&str, &str, &str); 1] = [(
    "quantile.wgsl",
    "Divide",
    "an estimate of the quotient, which an exact remainder corrects",
)];

/// What is not allowed, if anything.
pub(crate) fn refused(file: &str, module: &Module, info: &ModuleInfo) -> Option<String> {
    for (_, ty) in module.types.iter() {
        let scalar = ty.inner.scalar();
        if scalar.is_some_and(|s| s.kind == ScalarKind::Float && s.width != 4) {
            return Some(format!("holds {:?}", ty.inner));
        }
    }
    let named = module
        .functions
        .iter()
        .map(|(handle, function)| (function, &info[handle]));
    let entries = module.entry_points.iter().enumerate();
    let entries = entries.map(|(i, entry)| (&entry.function, info.get_entry_point(i)));
    named
        .chain(entries)
        .find_map(|(function, info)| refused_in(file, module, function, info))
}

fn refused_in(
    file: &str,
    module: &Module,
    function: &Function,
    info: &FunctionInfo,
) -> Option<String> {
    let is_float = |handle: Handle<Expression>| {
        let inner = info[handle].ty.inner_with(&module.types);
        match inner {
            TypeInner::Pointer { .. } | TypeInner::ValuePointer { .. } => false,
            _ => inner.scalar_kind() == Some(ScalarKind::Float),
        }
    };
    function.expressions.iter().find_map(|(_, expression)| {
        let said = match expression {
            Expression::Binary { op, left, .. } => {
                (is_float(*left) && !float_operator(*op)).then(|| format!("{op:?}"))
            }
            Expression::Math { fun, arg, .. } => {
                (is_float(*arg) || !integer_function(*fun)).then(|| format!("{fun:?}"))
            }
            Expression::As {
                expr,
                kind,
                convert: Some(_),
            } => {
                let float = is_float(*expr) || *kind == ScalarKind::Float;
                float.then(|| format!("converts to {kind:?}"))
            }
            Expression::Relational { fun, .. } => Some(format!("{fun:?}")),
            _ => None,
        }?;
        let excused = ALSO
            .iter()
            .any(|(of, what, _)| *of == file && *what == said);
        (!excused).then(|| {
            format!(
                "has {said} in `{}`",
                function.name.as_deref().unwrap_or_default()
            )
        })
    })
}

fn float_operator(operator: BinaryOperator) -> bool {
    use BinaryOperator::{Add, Greater, GreaterEqual, Less, LessEqual, Multiply, Subtract};
    matches!(
        operator,
        Add | Subtract | Multiply | Less | LessEqual | Greater | GreaterEqual
    )
}

fn integer_function(function: MathFunction) -> bool {
    use MathFunction::{
        Abs, Clamp, CountLeadingZeros, CountOneBits, CountTrailingZeros, ExtractBits,
        FirstLeadingBit, InsertBits, Max, Min,
    };
    matches!(
        function,
        Abs | Clamp
            | CountLeadingZeros
            | CountOneBits
            | CountTrailingZeros
            | ExtractBits
            | FirstLeadingBit
            | InsertBits
            | Max
            | Min
    )
}
