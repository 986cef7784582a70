//! The canvas that pictures are drawn on, and its two encodings.

#[path = "../../../tests/it/dots.rs"]
mod dots;

use self::dots::decode;
use super::{Across, Canvas, Colour, Down, PRINT_SCALE, Point, Stroke, TextStyle, Turn};

fn dot(png: &[u8], x: u32, y: u32) -> [u8; 3] {
    let (width, _, dots) = decode(png);
    let at = 3 * (y * width + x) as usize;
    dots[at..at + 3].try_into().unwrap()
}

fn something() -> Canvas {
    let mut canvas = Canvas::new(200.0, 100.0, "A & B <drawn>", "two shapes");
    let red = Colour::hex(0xff_00_00);
    canvas.rectangle((10.0, 10.0), (50.0, 50.0), Some(red), None);
    canvas.circle((100.0, 50.0), 20.0, None, Some(&Stroke::new(red, 2.0)));
    let line = Stroke::new(Colour::BLACK, 1.0).dashed(&[4.0, 2.0]);
    canvas.line((0.0, 90.0), (200.0, 90.0), &line);
    canvas.text("density ρ = 0.05", (10.0, 80.0), &TextStyle::new(10.0));
    canvas
}

#[test]
fn an_svg_is_well_formed_and_holds_paths_and_no_text_elements() {
    let svg = something().svg();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let names: Vec<&str> = document
        .descendants()
        .filter(roxmltree::Node::is_element)
        .map(|node| node.tag_name().name())
        .collect();
    assert_eq!(
        names,
        [
            "svg", "title", "desc", "rect", "g", "path", "path", "path", "path"
        ]
    );
    let title = document
        .descendants()
        .find(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "title")));
    assert_eq!(title.unwrap().text(), Some("A & B <drawn>"));
}

#[test]
fn a_png_has_the_scaled_size_and_the_colours_that_were_drawn() {
    let png = something().png(2.0);
    let (width, height, _) = decode(&png);
    assert_eq!((width, height), (400, 200));
    assert_eq!(dot(&png, 60, 60), [255, 0, 0]);
    assert_eq!(dot(&png, 5, 5), [255, 255, 255]);
    let print = something().png(PRINT_SCALE);
    assert_eq!(decode(&print).0, 625);
    let reader = png::Decoder::new(std::io::Cursor::new(&print));
    let info = reader.read_info().unwrap().info().pixel_dims.unwrap();
    assert_eq!(info.xppu, 11_811, "300 dots an inch");
}

#[test]
fn both_encodings_are_the_same_on_every_call() {
    assert_eq!(something().svg(), something().svg());
    assert_eq!(something().png(1.5), something().png(1.5));
}

/// Where the black of one letter `l` falls, for each anchor and direction.
#[test]
fn text_stands_where_its_anchor_says() {
    let middle: Point = (50.0, 50.0);
    let extent = |across, down, turn| {
        let mut canvas = Canvas::new(100.0, 100.0, "", "");
        let style = TextStyle {
            turn,
            ..TextStyle::new(40.0).anchored(across, down)
        };
        canvas.text("HH", middle, &style);
        let (width, height, dots) = decode(&canvas.png(1.0));
        let black: Vec<(u32, u32)> = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .filter(|(x, y)| dots[3 * (y * width + x) as usize] < 128)
            .collect();
        let xs = black.iter().map(|p| p.0);
        let ys = black.iter().map(|p| p.1);
        [
            xs.clone().min().unwrap(),
            xs.max().unwrap(),
            ys.clone().min().unwrap(),
            ys.max().unwrap(),
        ]
    };
    let [left, right, top, bottom] = extent(Across::Left, Down::Baseline, Turn::None);
    assert!(left >= 50 && right > 90 && top < 25 && bottom == 49);
    let [left, right, top, bottom] = extent(Across::Right, Down::Top, Turn::None);
    assert!(left < 10 && right < 50 && (49..=51).contains(&top) && bottom > 75);
    let [left, right, top, bottom] = extent(Across::Middle, Down::Middle, Turn::None);
    assert!((99..=101).contains(&(left + right)) && (98..=101).contains(&(top + bottom)));
    let [left, right, top, bottom] = extent(Across::Left, Down::Baseline, Turn::Up);
    assert!(right == 49 && left < 25 && top < 10 && bottom < 50);
    let [left, _, top, _] = extent(Across::Left, Down::Baseline, Turn::Downward);
    assert!(left == 50 && top >= 50);
}

#[test]
fn shapes_that_are_not_finite_are_left_out() {
    let mut canvas = Canvas::new(f32::NAN, f32::INFINITY, "", "");
    let stroke = Stroke::new(Colour::BLACK, 1.0);
    canvas.line((f32::NAN, 0.0), (1.0, 1.0), &stroke);
    canvas.line((0.0, 0.0), (f32::INFINITY, 1.0), &stroke);
    canvas.circle((0.0, 0.0), f32::NAN, Some(Colour::BLACK), None);
    canvas.text("x", (0.0, f32::NAN), &TextStyle::new(10.0));
    let svg = canvas.svg();
    assert!(!svg.contains("<path") && !svg.contains("NaN"), "{svg}");
    assert!(svg.contains(r#"viewBox="0 0 1 8192""#), "{svg}");
    assert_eq!(decode(&canvas.png(f32::NAN)).0, 1);
}
