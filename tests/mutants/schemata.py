"""Writes many mutants into one copy of a source file, each behind a switch: one build holds them all.

A mutant is what `cargo mutants --list --json` prints. `weave` returns the text with every mutant that
can stand behind a switch, and the numbers of those that cannot (constants, arms of other types); they
have to be built one by one, with `alone`.
"""

import re

import tree_sitter
import tree_sitter_rust

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
ARITHMETIC = {"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"}
FIELDS = {"field_initializer", "shorthand_field_initializer"}
EXPRESSIONS = {"binary_expression", "compound_assignment_expr", "unary_expression"}

# The switch, at the end of lib.rs. It reads DPM_SPEC_MUTANT, and writes the number of every mutant that
# is reached, once a process, to the file DPM_SPEC_REACHED: a test that never reaches one can't catch it.
SWITCH = """
/// Whether mutant `number` is the one switched on.
pub(crate) fn mutated(number: u32) -> bool {
    use std::io::Write;
    use std::sync::{OnceLock, atomic::{AtomicBool, Ordering}};
    type Trace = (std::fs::File, Vec<AtomicBool>);
    static CHOSEN: OnceLock<Option<u32>> = OnceLock::new();
    static TRACE: OnceLock<Option<Trace>> = OnceLock::new();
    let trace = TRACE.get_or_init(|| {
        let path = std::env::var_os("DPM_SPEC_REACHED")?;
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path).ok()?;
        Some((file, (0..10_000).map(|_| AtomicBool::new(false)).collect()))
    });
    if let Some((file, seen)) = trace {
        if !seen[number as usize].swap(true, Ordering::Relaxed) {
            let _ = (&*file).write_all(format!("{number}\\n").as_bytes());
        }
    }
    *CHOSEN.get_or_init(|| std::env::var("DPM_SPEC_MUTANT").ok()?.parse().ok()) == Some(number)
}
"""


def offset(source, place):
    """The byte where a line and a column (both from 1, columns in characters) stand."""
    lines = source.split("\n")
    before = sum(len(line.encode()) + 1 for line in lines[: place["line"] - 1])
    return before + len(lines[place["line"] - 1][: place["column"] - 1].encode())


def edges(source, mutant):
    return offset(source, mutant["span"]["start"]), offset(source, mutant["span"]["end"])


def alone(source, mutant):
    """The text with one mutant in place."""
    start, end = edges(source, mutant)
    raw = source.encode()
    replacement = mutant["replacement"]
    if mutant["genre"] == "FnValue":
        replacement = f"{{ {replacement} }}" if raw[start:start + 1] == b"{" else replacement
    return (raw[:start] + replacement.encode() + raw[end:]).decode()


def switched(number):
    return f"crate::mutated({number})"


def chain(alternatives, otherwise):
    """`if`s over the switches, in parentheses."""
    arms = "".join(f"if {switched(number)} {{ {text} }} else " for number, text in alternatives)
    return f"({arms}{{ {otherwise} }})"


def last_switch(text, byte):
    """The number of the switch that stands before a byte of a woven text."""
    found = re.findall(rb"crate::mutated\((\d+)\)", text.encode()[:byte])
    return int(found[-1]) if found else None


def next_switch(text, byte):
    """The number of the switch that stands after a byte of a woven text."""
    found = re.search(rb"crate::mutated\((\d+)\)", text.encode()[byte:])
    return int(found[1]) if found else None


def switches_of_match(text, byte):
    """The numbers of the switches in the `match` around a byte of a woven text."""
    node = PARSER.parse(text.encode()).root_node.descendant_for_byte_range(byte, byte)
    while node is not None and node.type != "match_expression":
        node = node.parent
    return {int(number) for number in re.findall(rb"crate::mutated\((\d+)\)", node.text if node else b"")}


def constant(node):
    """Whether a node is evaluated by the compiler: no switch can stand there."""
    while node is not None and node.type != "closure_expression":
        if node.type in ("const_item", "static_item", "array_type", "macro_definition"):
            return True
        if node.type == "function_item" and any(c.type == "function_modifiers" and b"const" in c.text for c in node.children):
            return True
        node = node.parent
    return False


class Weaver:
    """One file, its tree, and which mutants stand at which node."""

    def __init__(self, source, mutants):
        self.raw = source.encode()
        self.root = PARSER.parse(self.raw).root_node
        self.at, self.left_out = {}, []
        for number, mutant in mutants:
            start, end = edges(source, mutant)
            node = self.home(mutant["genre"], start, end)
            if node is None or (constant(node) and not self.is_closure_field(node)):
                self.left_out.append(number)
            else:
                self.at.setdefault(node.id, []).append((number, mutant))

    def home(self, genre, start, end):
        """The node that a mutant changes, or nothing where it cannot be switched."""
        node = self.root.descendant_for_byte_range(start, max(start, end - 1))
        if genre == "FnValue":
            while node is not None and not (node.type == "function_item" and node.child_by_field_name("body")):
                node = node.parent
            return node
        if genre in ("BinaryOperator", "UnaryOperator"):
            node = node.parent if node.type not in EXPRESSIONS else node
            return node if node is not None and node.type in EXPRESSIONS else None
        if genre in ("MatchArm", "MatchArmGuard"):
            while node is not None and node.type != "match_arm":
                node = node.parent
            return node
        if genre == "StructField":
            while node is not None and node.type not in FIELDS:
                node = node.parent
            return node
        return None

    @staticmethod
    def is_closure_field(node):
        """Whether a node is a field whose value is a closure of plain parameters: its body may hold a switch."""
        value = node.child_by_field_name("value") if node.type in FIELDS else None
        if value is None or value.type != "closure_expression":
            return False
        return all(it.type in ("identifier", "_", "|", ",") for it in value.child_by_field_name("parameters").children)

    def text(self, node):
        """A node's text with the mutants inside it."""
        out, position = [], node.start_byte
        for child in node.children:
            out += [self.raw[position:child.start_byte].decode(), self.render(child)]
            position = child.end_byte
        return "".join([*out, self.raw[position:node.end_byte].decode()])

    def render(self, node):
        """A node's text with the mutants inside it and its own."""
        mutants = self.at.get(node.id)
        if not mutants:
            return self.text(node)
        if node.type == "function_item":
            return self.function(node, mutants)
        if node.type == "match_arm":
            return self.arm(node, mutants)
        if node.type in FIELDS:
            return self.field(node, mutants)
        if node.type == "unary_expression":
            operand = self.render(node.children[1])
            return chain([(number, operand) for number, _ in mutants], self.text(node))
        return self.binary(node, mutants)

    def binary(self, node, mutants):
        left, right = (self.render(node.child_by_field_name(side)) for side in ("left", "right"))
        operator = node.child_by_field_name("operator").type
        others = [(number, mutant["replacement"]) for number, mutant in mutants]
        if node.type == "binary_expression" and operator in ARITHMETIC:
            inner = chain([(number, f"left {other} right") for number, other in others], f"left {operator} right")
            return f"(match ({left}, {right}) {{ (left, right) => {inner} }})"
        return chain([(number, f"{left} {other} {right}") for number, other in others], f"{left} {operator} {right}")

    def function(self, node, mutants):
        body = node.child_by_field_name("body")
        head = self.raw[node.start_byte:body.start_byte + 1].decode()
        returns = "".join(f" if {switched(number)} {{ return {mutant['replacement']}; }}" for number, mutant in mutants)
        return head + returns + self.text(body)[1:]

    def field(self, node, mutants):
        """A field that is deleted, by the one of the struct's base."""
        base = next(it for it in node.parent.children if it.type == "base_field_initializer")
        name = (node.child_by_field_name("field") or node.children[0]).text.decode()
        given = f"({base.children[1].text.decode()}).{name}"
        value = node.child_by_field_name("value")
        if not self.is_closure_field(node):
            return f"{name}: {chain([(number, given) for number, _ in mutants], self.render(value) if value else name)}"
        parameters = [it.text.decode() for it in value.child_by_field_name("parameters").children if it.type in ("identifier", "_")]
        parameters = [f"unnamed_{i}" if it == "_" else it for i, it in enumerate(parameters)]
        call = f"({given})({', '.join(parameters)})"
        body = chain([(number, call) for number, _ in mutants], self.render(value.child_by_field_name("body")))
        return f"{name}: |{', '.join(parameters)}| {body}"

    def arm(self, node, mutants):
        """An arm that is deleted, or whose guard is true or false, by a guard of its own."""
        pattern = node.child_by_field_name("pattern")
        condition = pattern.child_by_field_name("condition")
        end = condition.start_byte if condition else pattern.end_byte
        head = self.raw[node.start_byte:end].decode()
        guard = self.render(condition) if condition else "true"
        for number, mutant in mutants:
            answer = mutant["replacement"] if mutant["genre"] == "MatchArmGuard" else "false"
            guard = chain([(number, answer)], guard)
        value = node.child_by_field_name("value")
        between = self.raw[pattern.end_byte:value.start_byte].decode()
        tail = self.raw[value.end_byte:node.end_byte].decode()
        return f"{head}{'' if condition else ' if '}{guard}{between}{self.render(value)}{tail}"


def weave(source, mutants):
    """The text with every mutant of `[(number, mutant)]` behind its switch, and the numbers left out."""
    weaver = Weaver(source, mutants)
    return weaver.raw[: weaver.root.start_byte].decode() + weaver.text(weaver.root), weaver.left_out
