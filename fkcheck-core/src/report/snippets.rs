//! The lines of source text around the places of one report, as one text that miette can draw.
//!
//! miette draws places in one source only. So the blocks of lines that matter, of however many files, are laid one
//! after the other into a virtual text, cut to the terminal's width, and the places are moved with them.

use std::collections::HashMap;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use textwrap::core::display_width;

use super::Style;
use super::clean::{Clean, clean_source_line};
use crate::finding::Label;
use crate::model::{FileId, SourceMap, Span};

/// A place over more lines than these is drawn at its first line.
const MAX_LINES: usize = 6;
/// However narrow the terminal, this much of a line is shown.
const MIN_LINE_WIDTH: usize = 24;
const TAB_WIDTH: usize = 4;

/// What miette draws below the message.
#[derive(Debug)]
pub(super) struct Snippets {
    blocks: Vec<Block>,
    /// In the order of the virtual text.
    pub(super) places: Vec<Place>,
}

/// A place in the virtual text.
#[derive(Debug)]
pub(super) struct Place {
    span: SourceSpan,
    text: String,
    pub(super) primary: bool,
    line: usize,
    column: usize,
}

/// Whole lines of one file.
#[derive(Debug)]
struct Block {
    file_name: Clean,
    first_line: usize,
    line_count: usize,
    /// Where it starts in the virtual text.
    offset: usize,
    text: String,
}

/// Whole lines of one file, by their bytes.
struct Lines {
    file: FileId,
    start: usize,
    end: usize,
    first_line: usize,
}

impl Snippets {
    /// The first label is the primary one.
    pub(super) fn new(labels: &[&Label], sources: &SourceMap, style: &Style) -> Snippets {
        let mut wanted: Vec<(Span, &str, bool)> = Vec::new();
        for (i, label) in labels.iter().enumerate() {
            let span = first_lines(in_bounds(label.span, sources), sources);
            if !wanted.iter().any(|(other, text, _)| *other == span && *text == label.text) {
                wanted.push((span, &label.text, i == 0));
            }
        }

        let mut snippets = Snippets { blocks: Vec::new(), places: Vec::new() };
        let mut offset = 0;
        for lines in blocks_of_lines(&wanted, sources) {
            let inside: Vec<_> = wanted
                .iter()
                .filter(|(span, ..)| {
                    span.file == lines.file && (lines.start..=lines.end).contains(&span.start.byte)
                })
                .collect();
            let spans: Vec<Span> = inside.iter().map(|(span, ..)| *span).collect();
            let drawn = DrawnLines::new(&lines, &spans, sources, style);
            for (span, text, primary) in inside {
                let (start, end) = (drawn.offset_of(span.start.byte), drawn.offset_of(span.end.byte));
                snippets.places.push(Place {
                    span: (offset + start, end - start).into(),
                    // miette hangs the label below the middle of the place.
                    text: wrap_label(text, drawn.column_of(start).midpoint(drawn.column_of(end)), style),
                    primary: *primary,
                    line: span.start.line,
                    column: span.start.column,
                });
            }
            let block = Block {
                file_name: Clean::new(&sources.file(lines.file).display),
                first_line: lines.first_line,
                line_count: drawn.text.matches('\n').count(),
                offset,
                text: drawn.text,
            };
            offset += block.text.len() + 1;
            snippets.blocks.push(block);
        }
        snippets.places.sort_by_key(|place| place.span.offset());
        snippets
    }

    pub(super) fn labels(&self) -> impl Iterator<Item = LabeledSpan> + '_ {
        self.places.iter().map(|place| {
            let text = (!place.text.is_empty()).then(|| place.text.clone());
            if place.primary {
                LabeledSpan::new_primary_with_span(text, place.span)
            } else {
                LabeledSpan::new_with_span(text, place.span)
            }
        })
    }
}

impl SourceCode for Snippets {
    /// A whole block, whatever the context asked for: the blocks were cut with theirs. No place lies in two blocks.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        _lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        let block = self
            .blocks
            .iter()
            .find(|block| block.offset <= span.offset() && end <= block.offset + block.text.len())
            .ok_or(MietteError::OutOfBounds)?;
        // Without context, miette asks for the place itself, to print its line and column.
        let place = self.places.iter().find(|place| lines_before == 0 && place.span == *span);
        let (line, column) = place.map_or((block.first_line, 1), |place| (place.line, place.column));
        Ok(Box::new(MietteSpanContents::new_named(
            block.file_name.to_string(),
            block.text.as_bytes(),
            (block.offset, block.text.len()).into(),
            line.saturating_sub(1),
            column.saturating_sub(1),
            block.line_count,
        )))
    }
}

/// The span, if its file has such bytes, else the nearest one that it has.
pub(super) fn in_bounds(span: Span, sources: &SourceMap) -> Span {
    let text = &sources.file(span.file).text;
    let good = |byte| text.is_char_boundary(byte);
    if good(span.start.byte) && good(span.end.byte) && span.start.byte <= span.end.byte {
        span
    } else {
        sources.span(span.file, span.start.byte..span.end.byte.max(span.start.byte))
    }
}

/// The line that holds `byte`: where it starts, and where the next one does.
pub(super) fn line_around(text: &str, byte: usize) -> std::ops::Range<usize> {
    let start = text[..byte].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[byte..].find('\n').map_or(text.len(), |newline| byte + newline + 1);
    start..end
}

/// A line without its end and, at the start of a file, without the byte-order mark.
pub(super) fn bare_line(line: &str, start: usize) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if start == 0 { line.trim_start_matches('\u{feff}') } else { line }
}

/// A span over many lines is cut to its first.
fn first_lines(span: Span, sources: &SourceMap) -> Span {
    let text = &sources.file(span.file).text;
    if text[span.start.byte..span.end.byte].matches('\n').count() < MAX_LINES {
        return span;
    }
    let line = line_around(text, span.start.byte);
    let bare_end = line.start + text[line.clone()].trim_end().len();
    sources.span(span.file, span.start.byte..bare_end.max(span.start.byte))
}

/// The blocks of lines that hold the places, a line of context around each. The primary place's block comes first.
fn blocks_of_lines(wanted: &[(Span, &str, bool)], sources: &SourceMap) -> Vec<Lines> {
    let mut files: HashMap<FileId, usize> = HashMap::new();
    for (span, ..) in wanted {
        let next = files.len();
        files.entry(span.file).or_insert(next);
    }
    let mut blocks: Vec<Lines> =
        wanted.iter().map(|(span, ..)| with_context(*span, &sources.file(span.file).text)).collect();
    blocks.sort_by_key(|block| (files[&block.file], block.start));
    blocks.dedup_by(|next, last| {
        let touch = next.file == last.file && next.start <= last.end;
        if touch {
            last.end = last.end.max(next.end);
        }
        touch
    });
    let primary = wanted.first().and_then(|(span, ..)| {
        blocks
            .iter()
            .position(|block| block.file == span.file && (block.start..=block.end).contains(&span.start.byte))
    });
    if let Some(primary) = primary {
        blocks[..=primary].rotate_right(1);
    }
    blocks
}

/// The lines of a span with one before and one after, unless they are blank.
fn with_context(span: Span, text: &str) -> Lines {
    let mut start = line_around(text, span.start.byte).start;
    // A span that ends with a line's end does not reach into the next one.
    let last = if span.end.byte > span.start.byte && text[..span.end.byte].ends_with('\n') {
        span.end.byte - 1
    } else {
        span.end.byte
    };
    let mut end = line_around(text, last).end;
    let mut first_line = span.start.line;
    if start > 0 {
        let before = line_around(text, start - 1);
        if !bare_line(&text[before.clone()], before.start).trim().is_empty() {
            start = before.start;
            first_line = first_line.saturating_sub(1);
        }
    }
    if end < text.len() {
        let after = line_around(text, end);
        if !text[after.clone()].trim().is_empty() {
            end = after.end;
        }
    }
    Lines { file: span.file, start, end, first_line }
}

/// Lines as they are drawn: harmless, tabs expanded, cut to the width, each with an end.
struct DrawnLines {
    text: String,
    /// Each character's byte in the file and in `text`, in order.
    moves: Vec<(usize, usize)>,
}

impl DrawnLines {
    fn new(lines: &Lines, spans: &[Span], sources: &SourceMap, style: &Style) -> DrawnLines {
        let source = &sources.file(lines.file).text[lines.start..lines.end];
        let last_line = lines.first_line + source.matches('\n').count();
        let width = style.width.saturating_sub(last_line.to_string().len() + 5).max(MIN_LINE_WIDTH);
        let mut drawn = DrawnLines { text: String::new(), moves: Vec::new() };
        let mut start = lines.start;
        for line in source.split_inclusive('\n') {
            let mark = spans
                .iter()
                .filter(|span| (start..start + line.len()).contains(&span.start.byte))
                .map(|span| (span.start.byte - start, span.end.byte.min(start + line.len()) - start))
                .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
            drawn.push_line(line, start, mark, width, style);
            start += line.len();
        }
        if source.is_empty() || (source.ends_with('\n') && spans.iter().any(|span| span.start.byte == start))
        {
            // A place at the very end of the file, after its last line's end.
            drawn.push_line("", start, None, width, style);
        }
        drawn
    }

    /// `mark`: the bytes of the line that must be seen.
    fn push_line(
        &mut self,
        line: &str,
        start: usize,
        mark: Option<(usize, usize)>,
        width: usize,
        style: &Style,
    ) {
        let bare = bare_line(line, start);
        let skipped = line.find(bare).unwrap_or(0);
        let cells = cells(bare, start + skipped);
        let ellipsis = if style.unicode { "…" } else { "..." };
        let (from, to) = match mark {
            _ if cells.last().is_none_or(|last| last.column + last.width <= width) => (0, cells.len()),
            mark => {
                let (mark_start, mark_end) = mark.unwrap_or((0, 0));
                let room = width.saturating_sub(2 * display_width(ellipsis));
                window(&cells, start + mark_start..start + mark_end, room)
            }
        };

        if from > 0 {
            self.text.push_str(ellipsis);
        }
        self.moves.push((start, self.text.len()));
        for cell in &cells[from..to] {
            self.moves.push((cell.byte, self.text.len()));
            match cell.drawn {
                '\t' => self.text.extend(std::iter::repeat_n(' ', cell.width)),
                drawn => self.text.push(drawn),
            }
        }
        let end = self.text.len();
        if to < cells.len() {
            self.moves.push((cells[to].byte, end));
            self.text.push_str(ellipsis);
        }
        self.moves.push((start + skipped + bare.len(), end));
        self.text.push('\n');
    }

    /// Where a byte of the file is drawn.
    fn offset_of(&self, byte: usize) -> usize {
        match self.moves.partition_point(|(from, _)| *from <= byte) {
            0 => 0,
            next => self.moves[next - 1].1,
        }
    }

    /// The column of an offset, from 0.
    fn column_of(&self, offset: usize) -> usize {
        let line_start = self.text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        display_width(&self.text[line_start..offset])
    }
}

/// One character as it is drawn.
struct Cell {
    byte: usize,
    drawn: char,
    column: usize,
    width: usize,
}

fn cells(line: &str, start: usize) -> Vec<Cell> {
    let clean = clean_source_line(line);
    let mut column = 0;
    line.char_indices()
        .zip(clean.chars())
        .map(|((at, _), drawn)| {
            let width = match drawn {
                '\t' => TAB_WIDTH - column % TAB_WIDTH,
                drawn => display_width(drawn.encode_utf8(&mut [0; 4])),
            };
            let cell = Cell { byte: start + at, drawn, column, width };
            column += width;
            cell
        })
        .collect()
}

/// Which cells of a line that is too long to show: its start, if the mark lies there, else the mark with a little
/// before it.
fn window(cells: &[Cell], mark: std::ops::Range<usize>, room: usize) -> (usize, usize) {
    let column_at = |byte: usize| match cells.partition_point(|cell| cell.byte < byte) {
        0 => 0,
        next => cells[next - 1].column + cells[next - 1].width,
    };
    let hidden = if column_at(mark.end) <= room { 0 } else { column_at(mark.start).saturating_sub(room / 4) };
    let from = cells.partition_point(|cell| cell.column < hidden);
    let first_column = cells.get(from).map_or(0, |cell| cell.column);
    let to = cells.partition_point(|cell| cell.column + cell.width <= first_column + room);
    (from, to)
}

/// A label in lines that fit between where it hangs and the terminal's edge.
fn wrap_label(text: &str, column: usize, style: &Style) -> String {
    // Line number and gutter before it, a corner and two dashes of its own.
    let room = style.width.saturating_sub(column + 14).max(MIN_LINE_WIDTH);
    let options = textwrap::Options::new(room)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(Clean::new(text).as_str(), options)
}
