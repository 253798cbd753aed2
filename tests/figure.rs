//! Figures: the same bytes every time, names that never touch, ticks and slopes that are right, and
//! the same picture in pixels.
#![cfg(feature = "cli")]

use dpm_spec::report::figure::{Axis, Figure, Line, Scale, Triangle, png};
use resvg::tiny_skia::Pixmap;
use resvg::usvg::roxmltree::{Document, Node};

const STEPS: [f64; 6] = [5.0, 10.0, 20.0, 40.0, 80.0, 160.0];

fn line(name: &str, error: impl Fn(f64) -> f64) -> Line {
    Line {
        name: name.to_owned(),
        points: STEPS.iter().map(|steps| (*steps, error(*steps))).collect(),
        dashed: false,
    }
}

fn figure(lines: Vec<Line>) -> Figure {
    let axis = |name: &str, scale| Axis {
        name: name.to_owned(),
        scale,
    };
    Figure {
        title: "Error against steps".to_owned(),
        across: axis("steps", Scale::Counts),
        up: axis("error", Scale::Log),
        lines,
        triangles: Vec::new(),
    }
}

fn of_class<'a>(document: &'a Document<'a>, class: &str) -> Vec<Node<'a, 'a>> {
    let has = |node: &Node| {
        node.attribute("class")
            .is_some_and(|all| all.split(' ').any(|one| one == class))
    };
    document.descendants().filter(has).collect()
}

fn number(node: Node, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

fn words(node: Node) -> String {
    node.descendants()
        .filter_map(|part| part.text().filter(|_| part.is_text()))
        .collect()
}

fn corners(node: Node) -> Vec<(f64, f64)> {
    let pairs = node.attribute("points").unwrap().split_whitespace();
    let read = |pair: &str| {
        let (x, y) = pair.split_once(',').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    pairs.map(read).collect()
}

/// The place of a named tick: x under the axis, y beside it.
fn tick(document: &Document, name: &str) -> (f64, f64) {
    let found = of_class(document, "soft")
        .into_iter()
        .find(|node| words(*node) == name);
    let found = found.unwrap_or_else(|| panic!("no tick {name}"));
    // Names stand four units below the middle of their letters.
    (number(found, "x"), number(found, "y") - 4.0)
}

#[test]
fn the_same_figure_has_the_same_bytes_in_hundredths() {
    let figure = figure(vec![line("ddim", |n| 1.0 / n), line("2m", |n| 3.0 / n / n)]);
    let svg = figure.svg().unwrap();
    assert_eq!(svg, figure.clone().svg().unwrap());
    let body = svg.split("</style>").nth(1).unwrap();
    let decimals = body.split(|c: char| !c.is_ascii_digit() && c != '.');
    for number in decimals.filter(|number| number.contains('.')) {
        let places = number.split_once('.').unwrap().1.len();
        assert!((1..=2).contains(&places), "{number}");
    }
    assert_eq!(png(&svg, 300).unwrap(), png(&svg, 300).unwrap());
}

#[test]
fn any_text_gives_a_document_that_says_what_it_shows() {
    let mut hostile = figure(vec![line("<a> & \"b\" 'c' \u{1}", |n| 1.0 / n)]);
    hostile.title = "1 < 2 && \"x\" ]]> </svg>".to_owned();
    let svg = hostile.svg().unwrap();
    let document = Document::parse(&svg).unwrap_or_else(|error| panic!("{error}\n{svg}"));
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    assert_eq!(root.attribute("aria-label"), Some(hostile.title.as_str()));
    let child = |name: &str| {
        words(
            root.children()
                .find(|node| node.has_tag_name(name))
                .unwrap(),
        )
    };
    assert_eq!(child("title"), hostile.title);
    assert!(child("desc").contains("2.00e-1 at 5, 6.25e-3 at 160"));
    assert!(child("style").contains("prefers-color-scheme: dark"));
}

#[test]
fn names_never_touch_and_stay_inside() {
    let ends_at_one_point = |i: i32| move |n: f64| 1e-4 * (160.0 / n).powf(f64::from(i) * 0.2);
    let crowded = |i: i32| move |n: f64| f64::from(1 + i % 5) / n;
    let lines = |count: i32| {
        let names = (0..count).map(|i| format!("solver number {i}"));
        let line_of = |(i, name): (usize, String)| match i % 2 {
            0 => line(&name, ends_at_one_point(i as i32)),
            _ => line(&name, crowded(i as i32)),
        };
        names.enumerate().map(line_of).collect::<Vec<_>>()
    };
    for count in [1, 2, 12, 40] {
        let svg = figure(lines(count)).svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let sizes: Vec<f64> = document
            .root_element()
            .attribute("viewBox")
            .unwrap()
            .split(' ')
            .map(|size| size.parse().unwrap())
            .collect();
        let names = of_class(&document, "name");
        assert_eq!(names.len(), count as usize);
        let places: Vec<f64> = names.iter().map(|node| number(*node, "y")).collect();
        for pair in places.windows(2) {
            assert!(pair[1] - pair[0] >= 15.99, "{count} lines: {pair:?}");
        }
        assert!(places.iter().all(|y| (13.0..sizes[3]).contains(y)));
        let pixels = Pixmap::decode_png(&png(&svg, sizes[2].ceil() as u32).unwrap()).unwrap();
        let last = (0..pixels.height()).map(|y| pixels.pixel(pixels.width() - 6, y).unwrap());
        assert!(last.into_iter().all(|pixel| pixel.red() == 255));
    }
}

#[test]
fn names_of_counts_never_touch() {
    let mut dense = figure(vec![line("ddim", |n| 1.0 / n)]);
    dense.lines[0].points = (1..=200)
        .map(|n| (f64::from(n), 1.0 / f64::from(n)))
        .collect();
    let svg = dense.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let middle =
        |node: &Node| node.attribute("text-anchor") == Some("middle") && words(*node) != "steps";
    let ticks: Vec<(f64, f64)> = of_class(&document, "soft")
        .into_iter()
        .filter(middle)
        .map(|node| (number(node, "x"), 0.64 * 12.0 * words(node).len() as f64))
        .collect();
    assert!(ticks.len() > 10, "{ticks:?}");
    for pair in ticks.windows(2) {
        assert!(
            pair[1].0 - pair[0].0 > (pair[0].1 + pair[1].1) / 2.0,
            "{pair:?}"
        );
    }
}

#[test]
fn decades_are_where_the_points_are() {
    let svg = figure(vec![line("2m", |n| 25e-1 / n / n)]).svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let points = corners(of_class(&document, "line")[0]);
    // 2.5/n^2 is 10^-1 at n = 5; its last value, 9.8e-5, lies below the tick of 10^-4.
    assert!((points[0].1 - tick(&document, "10\u{2212}1").1).abs() < 0.02);
    let decade = tick(&document, "10\u{2212}3").1 - tick(&document, "10\u{2212}2").1;
    let fall = points[1].1 - points[0].1;
    assert!(
        (fall / decade - 4.0_f64.log10()).abs() < 1e-3,
        "{fall} of {decade}"
    );
    for (steps, point) in STEPS.iter().zip(&points) {
        assert_eq!(tick(&document, &steps.to_string()).0, point.0);
    }
    let doubling: Vec<f64> = points
        .windows(2)
        .map(|pair| pair[1].0 - pair[0].0)
        .collect();
    assert!(
        doubling
            .iter()
            .all(|width| (width - doubling[0]).abs() < 0.02)
    );
}

#[test]
fn every_range_has_two_named_ticks_or_more() {
    for decades in [1e-9, 1e-3, 0.1, 0.5, 1.0, 2.5, 7.0, 30.0, 200.0] {
        for top in [3.7, 1.0, 9.99e-5, 1e-100, 4e100] {
            let svg = figure(vec![line("", |n| {
                top * (5.0 / n).powf(decades / 32_f64.log10())
            })])
            .svg()
            .unwrap();
            let document = Document::parse(&svg).unwrap();
            let named = of_class(&document, "soft")
                .into_iter()
                .filter(|node| node.attribute("text-anchor") == Some("end"));
            let count = named.count();
            assert!(
                (2..=12).contains(&count),
                "{decades} decades from {top}: {count}"
            );
        }
    }
}

#[test]
fn a_triangle_has_the_slope_it_says() {
    for order in [1.0, 2.0, 3.0, 1.5] {
        let mut figure = figure(vec![
            line("ddim", |n| 1.0 / n),
            line("3m", |n| 8.0 / n / n / n),
        ]);
        figure.triangles = vec![Triangle {
            order,
            near: (20.0, 1e-3),
        }];
        let svg = figure.svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let triangle = corners(of_class(&document, "triangle")[0]);
        let doubling = tick(&document, "40").0 - tick(&document, "20").0;
        let decade = tick(&document, "10\u{2212}3").1 - tick(&document, "10\u{2212}2").1;
        let factor = (triangle[1].0 - triangle[0].0) / doubling;
        let decades = (triangle[1].1 - triangle[0].1) / decade;
        let slope = decades / (factor * 2.0_f64.log10());
        assert!((slope - order).abs() < 2e-3 * order, "{slope} for {order}");
        assert!((triangle[2].0, triangle[2].1) == (triangle[0].0, triangle[1].1));
        assert_eq!(
            words(of_class(&document, "note")[0]),
            format!("order {order}")
        );
    }
}

#[test]
fn what_cannot_be_shown_is_marked() {
    let mut holes = figure(vec![line("good", |n| 1.0 / n)]);
    for (name, missing) in [
        ("diverges", f64::NAN),
        ("diverges too", f64::INFINITY),
        ("exact", 0.0),
    ] {
        holes
            .lines
            .push(line(name, |n| if n == 40.0 { missing } else { 2.0 / n }));
    }
    let svg = holes.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let marks: Vec<String> = of_class(&document, "open").into_iter().map(words).collect();
    assert_eq!(marks, ["diverged", "diverged", "zero or below"]);
    // Each line is broken there, and none is drawn over the hole.
    assert_eq!(of_class(&document, "line").len(), 1 + 2 * 3);
    let places: Vec<_> = of_class(&document, "open")
        .iter()
        .map(|node| node.attribute("d"))
        .collect();
    assert_ne!(places[0], places[1], "one mark hides the other");
    for nothing in [figure(vec![]), figure(vec![line("none", |_| f64::NAN)])] {
        Document::parse(&nothing.svg().unwrap()).unwrap();
    }
}

#[test]
fn pixels_show_the_picture_and_its_text() {
    let svg = figure(vec![line("dpmpp-2m", |n| 1.0 / n / n)])
        .svg()
        .unwrap();
    let bare: String = svg
        .lines()
        .filter(|line| !line.starts_with("<text"))
        .collect();
    let decoded = |svg: &str| Pixmap::decode_png(&png(svg, 1520).unwrap()).unwrap();
    let (with, without) = (decoded(&svg), decoded(&bare));
    assert_eq!((with.width(), with.height()), (1520, 2 * 448));
    let white = |x: u32, y: u32| with.pixel(x, y).unwrap().demultiply().red() == 255;
    assert!(white(0, 0) && white(1519, 895), "the paper is white");
    let differing = with
        .data()
        .chunks(4)
        .zip(without.data().chunks(4))
        .filter(|(one, other)| one != other);
    let count = differing.count();
    assert!(count > 4000, "text has only {count} pixels");
    let blue = with
        .pixels()
        .iter()
        .filter(|pixel| pixel.blue() > 150 && pixel.red() < 40);
    assert!(blue.count() > 2000, "the line is not drawn");
    for refused in [png("no picture", 100), png(&svg, 0), png(&svg, u32::MAX)] {
        assert!(refused.is_err());
    }
}
