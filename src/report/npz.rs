//! A plan as NumPy arrays in a stored (uncompressed) `.npz`; the same bytes for the same plan.
//!
//! | array | type, shape | holds |
//! |---|---|---|
//! | `plan` | bytes | the plan file's JSON, nothing left out |
//! | `scale` | f8, 1 | `initial.scale` |
//! | `t`, `alpha`, `sigma`, `lambda`, `label`, `input_scale` | f8, nodes | the nodes; NaN where a node has no t or label |
//! | `program` | i8, instructions x 2 | 0 and a row of `evaluate`, or 1 and a row of `combine` |
//! | `evaluate`, `convert` | i8, calls x 3; f8, calls x 2 | node, state, output; weights of the state and of the network's output |
//! | `combine` | i8, combinations x 3 | target, first row of `operand` and `weight`, how many |
//! | `operand`, `weight` | i8, terms x 2; f8, terms | 0 state, 1 output, 2 noise, and its index; its weight |

use crate::plan::{Instruction, Node, Operand, PlanFile, Value};
use crate::schedule::Lambda;
use crc32fast::hash;

/// The plan as the bytes of an `.npz` file.
pub fn npz(file: &PlanFile) -> Vec<u8> {
    stored(&arrays(file))
}

/// A ZIP archive of `.npy` files, uncompressed, dated 1980-01-01 (PKWARE APPNOTE 4.3.7, 4.3.12, 4.3.16).
fn stored(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let name = format!("{name}.npy");
        let offset = archive.len() as u32;
        let mut header = Vec::new();
        let (version, flags, method, time, date) = (20_u16, 0_u16, 0_u16, 0_u16, 0x21_u16);
        for field in [version, flags, method, time, date] {
            header.extend(field.to_le_bytes());
        }
        for field in [hash(data), data.len() as u32, data.len() as u32] {
            header.extend(field.to_le_bytes());
        }
        let (name_length, extra_length) = (name.len() as u16, 0_u16);
        header.extend(name_length.to_le_bytes());
        header.extend(extra_length.to_le_bytes());
        archive.extend(b"PK\x03\x04");
        archive.extend(&header);
        archive.extend(name.as_bytes());
        archive.extend(data);
        directory.extend(b"PK\x01\x02");
        directory.extend(version.to_le_bytes());
        directory.extend(&header);
        // Comment length, disk number, internal and external attributes: all zero.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = (files.len() as u16).to_le_bytes();
    let (start, length) = (archive.len() as u32, directory.len() as u32);
    archive.extend(directory);
    archive.extend(b"PK\x05\x06");
    archive.extend([0; 4]);
    archive.extend([count, count].concat());
    archive.extend([length.to_le_bytes(), start.to_le_bytes()].concat());
    archive.extend([0; 2]);
    archive
}

fn arrays(file: &PlanFile) -> Vec<(&'static str, Vec<u8>)> {
    let json = file.to_json();
    let nodes = &file.plan.nodes;
    let column =
        |value: fn(&Node<Value>) -> f64| floats(1, &nodes.iter().map(value).collect::<Vec<f64>>());
    let mut arrays = vec![
        (
            "plan",
            npy(&format!("|S{}", json.len()), "", json.as_bytes()),
        ),
        ("scale", floats(1, &[file.plan.initial.scale.f64])),
        ("t", column(|node| optional(node.point.t.as_ref()))),
        ("alpha", column(|node| node.point.alpha.f64)),
        ("sigma", column(|node| node.point.sigma.f64)),
        ("lambda", column(lambda)),
        ("label", column(|node| optional(node.label.as_ref()))),
        ("input_scale", column(|node| node.input_scale.f64)),
    ];
    arrays.extend(program(&file.plan.program));
    arrays
}

fn optional(value: Option<&Value>) -> f64 {
    value.map_or(f64::NAN, |value| value.f64)
}

fn lambda(node: &Node<Value>) -> f64 {
    match &node.point.lambda {
        Lambda::Finite(lambda) => lambda.f64,
        Lambda::NoNoise => f64::INFINITY,
        Lambda::NoSignal => f64::NEG_INFINITY,
    }
}

fn program(instructions: &[Instruction<Value>]) -> [(&'static str, Vec<u8>); 6] {
    let (mut program, mut evaluate, mut combine, mut operands) = (vec![], vec![], vec![], vec![]);
    let (mut convert, mut weights) = (vec![], vec![]);
    for instruction in instructions {
        match instruction {
            Instruction::Evaluate {
                node,
                state,
                output,
                state_weight,
                output_weight,
            } => {
                program.extend([0, evaluate.len() / 3]);
                evaluate.extend([*node, *state, *output]);
                convert.extend([state_weight.f64, output_weight.f64]);
            }
            Instruction::Combine { target, terms } => {
                program.extend([1, combine.len() / 3]);
                combine.extend([*target, weights.len(), terms.len()]);
                for (operand, weight) in terms {
                    operands.extend(match operand {
                        Operand::State(index) => [0, *index],
                        Operand::Output(index) => [1, *index],
                        Operand::Noise(index) => [2, *index],
                    });
                    weights.push(weight.f64);
                }
            }
        }
    }
    [
        ("program", integers(2, &program)),
        ("evaluate", integers(3, &evaluate)),
        ("convert", floats(2, &convert)),
        ("combine", integers(3, &combine)),
        ("operand", integers(2, &operands)),
        ("weight", floats(1, &weights)),
    ]
}

fn integers(columns: usize, values: &[usize]) -> Vec<u8> {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| (*value as i64).to_le_bytes())
        .collect();
    npy("<i8", &shape(columns, values.len()), &bytes)
}

fn floats(columns: usize, values: &[f64]) -> Vec<u8> {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    npy("<f8", &shape(columns, values.len()), &bytes)
}

fn shape(columns: usize, count: usize) -> String {
    match columns {
        1 => format!("{count},"),
        _ => format!("{}, {columns}", count / columns),
    }
}

/// An array in the format of `numpy.lib.format`, version 1.0: the data begin at a multiple of 64 bytes.
fn npy(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
    let preamble = 10;
    let end = (preamble + header.len() + 1).next_multiple_of(64);
    header.push_str(&" ".repeat(end - preamble - header.len() - 1));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}
