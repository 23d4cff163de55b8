//! When two texts say the same: words without what writers of Arabic vary at will, and how alike two articles are.
//!
//! Agencies spell the same news with and without tatweel and vowel marks, with إ or ا, ى or ي, ة or ه. [`normalised`] makes these one, and
//! [`words`] takes off the article and the commonest endings; both serve to compare and are never shown.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// How far apart in time two articles on one story may be.
pub const SAME_STORY_MS: i64 = 48 * 60 * 60 * 1_000;

/// The same where there is a headline and no lead: one may come every day.
const HEADLINE_MS: i64 = 12 * 60 * 60 * 1_000;
/// With fewer words a lead says too little.
const LEAD_WORDS: usize = 6;

/// Words that say nothing about the story, normalised.
const STOP: &str = "في من علي الي عن مع هذا هذه ذلك تلك ان انه انها التي الذي الذين بعد قبل بين كما قد ما لا لم لن او ثم كل حول خلال عند
    منذ حتي وهو وهي هو هي كان كانت اي به بها له لها فيه فيها امس اليوم the a an of in on at to for from and or with by as
    is are was were be has have had its it this that after before over will says said de la le des les";

/// Numbers in words, and days of the week: where they differ, so does the news. Normalised.
const NUMBERS: [(&str, &str); 19] = [
    ("1", "واحد واحده الاول الاولي one first"),
    ("2", "اثنان اثنين ثناييه الثاني الثانيه two second"),
    ("3", "ثلاثه ثلاث ثلاثيه الثالث الثالثه three third"),
    ("4", "اربعه اربع رباعيه الرابع الرابعه four fourth"),
    ("5", "خمسه خمس خماسيه الخامس الخامسه five fifth"),
    ("6", "سته ست السادس السادسه six sixth"),
    ("7", "سبعه سبع السابع السابعه seven seventh"),
    ("8", "ثمانيه ثماني الثامن الثامنه eight eighth"),
    ("9", "تسعه تسع التاسع التاسعه nine ninth"),
    ("10", "عشره عشر العاشر العاشره ten tenth"),
    ("dozens", "عشرات dozens"),
    ("hundreds", "ميات hundreds"),
    ("saturday", "السبت saturday"),
    ("sunday", "الاحد sunday"),
    ("monday", "الاثنين monday"),
    ("tuesday", "الثلاثاء tuesday"),
    ("wednesday", "الاربعاء wednesday"),
    ("thursday", "الخميس thursday"),
    ("friday", "الجمعه friday"),
];

static SILENT: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP.split_whitespace().collect());
static NAMED: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let names = NUMBERS
        .iter()
        .map(|(value, names)| (value, names.split(' ')));
    let pairs = names.flat_map(|(value, names)| names.map(move |name| (name, *value)));
    pairs.collect()
});

/// A text with one spelling for what is the same letter to a reader: without tatweel, vowel marks, Quranic marks and accents; أ إ آ ٱ as
/// ا, ى and Persian ی as ي, ة and ہ as ه, ؤ as و, ئ as ي, ک as ك; digits as 0 to 9; in small letters, and with one space in place of
/// everything that is neither letter nor digit. A point stays between digits. Normalising twice changes nothing more.
pub fn normalised(text: &str) -> String {
    // Letters and their marks part (Unicode 15 §3.7), also of those that were small letters all along.
    let small = text.nfkd().flat_map(char::to_lowercase).nfkd();
    let letters: Vec<char> = small
        .filter(|letter| !is_mark(*letter))
        .map(folded)
        .collect();
    let mut found = String::with_capacity(text.len());
    let mut gap = false;
    for (at, letter) in letters.iter().copied().enumerate() {
        let is_digit = |at: Option<usize>| {
            at.and_then(|at| letters.get(at))
                .is_some_and(char::is_ascii_digit)
        };
        let between_digits = is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
        match letter {
            ',' | '٬' if between_digits => {}
            '.' | '٫' if between_digits => found.push('.'),
            _ if letter.is_alphanumeric() => {
                if gap && !found.is_empty() {
                    found.push(' ');
                }
                gap = false;
                found.push(letter);
            }
            _ => gap = true,
        }
    }
    found
}

/// What is read past: tatweel, marks on letters, invisible direction marks.
fn is_mark(letter: char) -> bool {
    matches!(letter,
        '\u{0300}'..='\u{036f}' | '\u{0591}'..='\u{05bd}' | '\u{05bf}' | '\u{05c1}' | '\u{05c2}' | '\u{05c4}' | '\u{05c5}' | '\u{05c7}'
        | '\u{0610}'..='\u{061a}' | '\u{061c}' | '\u{0640}' | '\u{064b}'..='\u{065f}' | '\u{0670}' | '\u{06d6}'..='\u{06dc}'
        | '\u{06df}'..='\u{06e4}' | '\u{06e7}' | '\u{06e8}' | '\u{06ea}'..='\u{06ed}' | '\u{08d3}'..='\u{08ff}'
        | '\u{200b}' | '\u{200d}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn folded(letter: char) -> char {
    match letter {
        'ٱ' | 'أ' | 'إ' | 'آ' => 'ا',
        'ى' | 'ی' | 'ئ' | 'ے' => 'ي',
        'ة' | 'ہ' | 'ھ' | 'ە' | 'ۃ' => 'ه',
        'ؤ' => 'و',
        'ک' => 'ك',
        '٠'..='٩' => ascii_digit(letter, '٠'),
        '۰'..='۹' => ascii_digit(letter, '۰'),
        _ => letter,
    }
}

fn ascii_digit(letter: char, zero: char) -> char {
    let value = u32::from(letter) - u32::from(zero);
    char::from_digit(value, 10).unwrap_or(letter)
}

/// The words of a text, normalised, without those that say nothing and without the commonest beginnings and endings, in order.
pub fn words(text: &str) -> Vec<String> {
    let normal = normalised(text);
    let said = normal
        .split(' ')
        .filter(|word| !word.is_empty() && !SILENT.contains(word));
    said.map(|word| stem(word).to_owned()).collect()
}

/// The numbers of a text, in digits or in words, and its days of the week.
pub fn numbers(text: &str) -> HashSet<String> {
    let normal = normalised(text);
    let number = |word: &str| {
        if word.contains(|letter: char| letter.is_ascii_digit()) {
            return Some(word.to_owned());
        }
        NAMED.get(word).map(|value| (*value).to_owned())
    };
    normal.split(' ').filter_map(number).collect()
}

/// The word without the article and without an ending, as long as three letters are left. It is the same for forms of one word more
/// often than for two words, which is all that comparing needs.
fn stem(word: &str) -> &str {
    let is_arabic = word.starts_with(|letter| matches!(letter, '\u{0600}'..='\u{06ff}'));
    if !is_arabic {
        let plural = word
            .strip_suffix('s')
            .filter(|rest| !rest.ends_with('s') && rest.len() > 3);
        return plural.unwrap_or(word);
    }
    let long_enough = |rest: &&str| rest.chars().count() >= 3;
    let bare = ["وال", "بال", "كال", "فال", "ال", "لل"]
        .iter()
        .find_map(|first| word.strip_prefix(first).filter(long_enough));
    let bare = bare.unwrap_or(word);
    let without = ["ات", "ين", "ون", "ان", "ها", "هم", "يه", "ه", "ي", "ا"]
        .iter()
        .find_map(|last| bare.strip_suffix(last).filter(long_enough));
    without.unwrap_or(bare)
}

/// What of an article tells its story: its words as numbers of a lexicon, sorted and each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Print {
    /// The words of the title.
    pub title: Vec<u32>,
    /// The words of the lead.
    pub lead: Vec<u32>,
    /// The numbers of the title.
    pub title_numbers: HashSet<String>,
    /// The numbers of the lead.
    pub lead_numbers: HashSet<String>,
    /// When it was published, epoch milliseconds.
    pub published_ms: i64,
}

/// How alike two articles are, in hundredths, when they tell the same story; `None`: they do not.
///
/// They do when they are of the same two days, no number or day of the week speaks against it, and title and lead of the one say what
/// those of the other say. The figures are those that part the pairs in the tests: of one story, leads share 70 words of 100 and more; of
/// stories that only sound alike, and of the days of one series, under 50.
pub fn same_story(a: &Print, b: &Print) -> Option<u8> {
    let shorter_title = a.title.len().min(b.title.len());
    let apart_ms = (a.published_ms - b.published_ms).abs();
    if apart_ms > SAME_STORY_MS || shorter_title == 0 {
        return None;
    }
    let in_title = common(&a.title, &b.title);
    let title = share(in_title * 2, a.title.len() + b.title.len());
    if in_title < shorter_title.min(2)
        || title < 0.3
        || numbers_differ(&a.title_numbers, &b.title_numbers)
        || leads_differ(&a.lead_numbers, &b.lead_numbers)
    {
        return None;
    }
    let shorter_lead = a.lead.len().min(b.lead.len());
    let (is_same, alike) = if shorter_lead >= LEAD_WORDS {
        let lead = share(common(&a.lead, &b.lead), shorter_lead);
        let is_same = (title >= 0.5 && lead >= 0.55) || lead >= 0.75;
        (is_same, title.midpoint(lead))
    } else {
        // A headline alone has to say it all.
        let is_same = in_title >= 3 && title >= 0.8 && apart_ms <= HEADLINE_MS;
        (is_same, title)
    };
    is_same.then(|| (alike * 100.0).round().clamp(0.0, 100.0) as u8)
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Two titles that name other numbers are about other things: days of a series, results, tolls.
fn numbers_differ(a: &HashSet<String>, b: &HashSet<String>) -> bool {
    !a.is_empty() && !b.is_empty() && a != b
}

/// Leads say more or less; but most numbers of the one with fewer have to be in the other.
fn leads_differ(a: &HashSet<String>, b: &HashSet<String>) -> bool {
    let fewer = a.len().min(b.len());
    fewer > 0 && a.intersection(b).count() * 2 <= fewer
}

/// How many numbers two sorted rows have in common.
pub fn common(a: &[u32], b: &[u32]) -> usize {
    let (mut at, mut found) = (0, 0);
    for word in a {
        while b.get(at).is_some_and(|other| other < word) {
            at += 1;
        }
        if b.get(at) == Some(word) {
            found += 1;
            at += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests;
