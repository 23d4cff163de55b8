//! A file of unknown encoding, read as UTF-8 a block at a time: memory does not grow with the file.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1256};
use sha2::{Digest as _, Sha256};

/// No larger file is read.
pub const MOST_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// No longer row is read: a quotation mark that is never closed would swallow the rest of the file.
pub const LONGEST_ROW: usize = 256 * 1024;
const BLOCK: usize = 64 * 1024;

/// What a first look at a file finds.
pub struct Look {
    /// How its text is encoded.
    pub encoding: &'static Encoding,
    /// SHA-256 of its bytes.
    pub hash: Sha256,
}

/// Reads a file once: byte order mark, else UTF-16 by its zero bytes, else UTF-8 when all of it is, else windows-1256.
pub fn look(path: &Path) -> io::Result<Look> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut decoder = UTF_8.new_decoder_without_bom_handling();
    let (mut block, mut text) = (vec![0; BLOCK], vec![0; 3 * BLOCK + 16]);
    let mut encoding = None;
    let (mut is_utf8, mut total) = (true, 0);
    loop {
        let length = file.read(&mut block)?;
        let bytes = &block[..length];
        if total == 0 {
            encoding = Encoding::for_bom(bytes)
                .map(|(encoding, _)| encoding)
                .or_else(|| utf16_without_mark(bytes));
        }
        total += length as u64;
        if total > MOST_BYTES {
            return Err(io::Error::other("it is larger than 4 GiB: split it"));
        }
        hash.update(bytes);
        if encoding.is_none() && is_utf8 {
            let last = length == 0;
            let (result, _, _) = decoder.decode_to_utf8_without_replacement(bytes, &mut text, last);
            is_utf8 = matches!(result, encoding_rs::DecoderResult::InputEmpty);
        }
        if length == 0 {
            break;
        }
    }
    let by_bytes = if is_utf8 { UTF_8 } else { WINDOWS_1256 };
    Ok(Look {
        encoding: encoding.unwrap_or(by_bytes),
        hash,
    })
}

/// Addresses are mostly ASCII, of which UTF-16 makes every other byte zero.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(512)];
    let mostly_zero = |from: usize| {
        let bytes = head.iter().skip(from).step_by(2);
        4 * bytes.filter(|byte| **byte == 0).count() > head.len() / 2
    };
    match (mostly_zero(0), mostly_zero(1)) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

/// How much may still be read for one row, shared between the reader of rows and its source.
#[derive(Clone, Default)]
pub struct Allowance(Rc<Cell<usize>>);

impl Allowance {
    /// A new row begins.
    pub fn renew(&self) {
        self.0.set(LONGEST_ROW + BLOCK);
    }
}

/// The text of a file, from its beginning, without its byte order mark.
pub struct Text {
    file: BufReader<File>,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    /// What is decoded and not handed out yet: whoever reads may have room for less than one letter.
    decoded: Vec<u8>,
    decoded_at: usize,
    ended: bool,
    /// A decoder that has finished must not be asked again.
    finished: bool,
    allowance: Allowance,
}

impl Text {
    /// Opens a file that was looked at.
    pub fn open(
        path: &Path,
        encoding: &'static Encoding,
        allowance: Allowance,
    ) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(0))?;
        allowance.renew();
        Ok(Self {
            file: BufReader::with_capacity(BLOCK, file),
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: Vec::new(),
            raw_at: 0,
            decoded: Vec::new(),
            decoded_at: 0,
            ended: false,
            finished: false,
            allowance,
        })
    }
}

impl Read for Text {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.allowance.0.get() == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a row is longer than 256 KiB: a quotation mark that is never closed?",
            ));
        }
        while self.decoded_at == self.decoded.len() {
            if !self.decode()? {
                return Ok(0);
            }
        }
        let ready = &self.decoded[self.decoded_at..];
        let length = ready.len().min(out.len());
        out[..length].copy_from_slice(&ready[..length]);
        self.decoded_at += length;
        let left = self.allowance.0.get().saturating_sub(length);
        self.allowance.0.set(left);
        Ok(length)
    }
}

impl Text {
    /// Decodes the next block; false at the end of the file.
    fn decode(&mut self) -> io::Result<bool> {
        if self.finished {
            return Ok(false);
        }
        if self.raw_at == self.raw.len() && !self.ended {
            self.raw.resize(BLOCK / 4, 0);
            let length = self.file.read(&mut self.raw)?;
            self.raw.truncate(length);
            self.raw_at = 0;
            self.ended = length == 0;
        }
        self.decoded.resize(BLOCK, 0);
        let input = &self.raw[self.raw_at..];
        let (result, read, written, _) =
            self.decoder
                .decode_to_utf8(input, &mut self.decoded, self.ended);
        self.raw_at += read;
        self.decoded.truncate(written);
        self.decoded_at = 0;
        self.finished = self.ended && matches!(result, CoderResult::InputEmpty);
        Ok(written > 0 || !self.finished)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "email,name\nlayla@example.org,ليلى حداد\n";

    fn read(bytes: &[u8]) -> (&'static str, String) {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), bytes).expect("written");
        let look = look(file.path()).expect("readable");
        let mut text = String::new();
        Text::open(file.path(), look.encoding, Allowance::default())
            .and_then(|mut reader| reader.read_to_string(&mut text))
            .expect("decodable");
        (look.encoding.name(), text)
    }

    #[test]
    fn x14_the_encoding_is_found() {
        let little: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let arabic = WINDOWS_1256.encode(TEXT).0;
        for (bytes, name) in [
            (TEXT.as_bytes().to_vec(), "UTF-8"),
            ([&[0xef, 0xbb, 0xbf], TEXT.as_bytes()].concat(), "UTF-8"),
            ([&[0xff, 0xfe][..], &little].concat(), "UTF-16LE"),
            ([&[0xfe, 0xff][..], &big].concat(), "UTF-16BE"),
            (little, "UTF-16LE"),
            (big, "UTF-16BE"),
            (arabic.to_vec(), "windows-1256"),
            (Vec::new(), "UTF-8"),
        ] {
            let text = if bytes.is_empty() { "" } else { TEXT };
            assert_eq!(read(&bytes), (name, text.to_owned()));
        }
    }

    #[test]
    fn a_letter_between_two_blocks_stays_whole() {
        let long = format!("{}{}", "a".repeat(BLOCK - 1), "ليلى".repeat(BLOCK / 16));
        let read = read(long.as_bytes());
        assert!(read.0 == "UTF-8" && read.1 == long);
    }
}
