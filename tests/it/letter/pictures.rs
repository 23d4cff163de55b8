//! The letter in a browser: {ar, en, fa} × {light, dark} × {375, 640 px} × {many, few, no pictures, one section}. The pictures
//! lie in `target/pictures`; what can be told by a program is told here.

use serde_json::{Value, json};

use super::press::{Letter, Press};
use crate::harness::browser::Browser;
use crate::harness::node;

/// What is wrong with a letter as it is shown: it scrolls sideways; something reaches out of its paper; a text is hard to read
/// (T12); a link that stands alone is too small to be hit; a headline starts at the wrong side (T1, T3).
const FAULTS: &str = r"
    const faults = [], html = document.documentElement;
    if (html.scrollWidth > html.clientWidth) faults.push('scrolls sideways');
    const paper = document.querySelector('.paper').getBoundingClientRect();
    const rtl = html.dir === 'rtl';
    const number = colour => colour.match(/[\d.]+/g).map(Number);
    const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = colour => { const [r, g, b] = number(colour).map(v => linear(v / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const filled = e => !/, 0\)$/.test(getComputedStyle(e).backgroundColor);
    const ground = e => { while (e && !filled(e)) e = e.parentElement; return e ? getComputedStyle(e).backgroundColor : 'rgb(255,255,255)'; };
    const say = (what, e) => faults.push(what + ': ' + e.outerHTML.slice(0, 120));
    for (const e of document.querySelectorAll('.paper *')) {
        if (!e.checkVisibility()) continue;
        const box = e.getBoundingClientRect();
        if (box.width && (box.left < paper.left - 1 || box.right > paper.right + 1)) say('beyond the paper', e);
        const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own) continue;
        const style = getComputedStyle(e), [a, b] = [light(style.color), light(ground(e))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) say('contrast ' + contrast.toFixed(2), e);
        if (style.fontStyle !== 'normal' && rtl) say('italics', e);
        if (parseFloat(style.fontSize) < 13) say('small', e);
    }
    for (const e of document.querySelectorAll('.button a, .choice, .more a, .note a')) {
        if (e.getBoundingClientRect().height < 44) say('too small to hit', e);
    }
    for (const e of document.querySelectorAll('h2 span, h3 span')) {
        const cell = e.closest('td'), inner = cell.getBoundingClientRect(), pad = getComputedStyle(cell);
        const all = [...e.getClientRects()], left = parseFloat(pad.paddingLeft), right = parseFloat(pad.paddingRight);
        const top = Math.min(...all.map(r => r.top)), line = all.filter(r => r.top < top + 8);
        const rect = { left: Math.min(...line.map(r => r.left)), right: Math.max(...line.map(r => r.right)) };
        const gap = rtl ? inner.right - right - rect.right : rect.left - inner.left - left;
        if (Math.abs(gap) > 2) say('starts at the wrong side by ' + gap, e);
    }
    return faults;";

/// Issue 6, point 8; T1–T12.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t12_every_letter_is_composed_in_both_colours_and_both_widths() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(axe) = node::text("node_modules/axe-core/axe.min.js") else {
        return;
    };
    let press = Press::run("").await;
    for letter in &press.letters {
        let page = press.file(letter, "html").with_extension("pictured.html");
        std::fs::write(&page, with_pictures(letter)).unwrap();
        for colours in ["light", "dark"] {
            browser.colour_scheme(colours).await;
            for width in [375, 640] {
                browser.size(width, 800).await;
                let name = format!("letter-{}-{colours}-{width}", letter.name);
                browser.open(&format!("file://{}", page.display())).await;
                assert_eq!(browser.ask(FAULTS).await, json!([]), "{name}");
                if width == 640 {
                    let found = complaints(&browser, &axe).await;
                    assert!(found.is_empty(), "{name}: {found:#?}");
                }
                browser.picture(&name).await;
            }
        }
    }
    // The checks can fail.
    let broken = press.letters[0]
        .html
        .replace("max-width:600px", "min-width:900px")
        .replace("#1c1d1f", "#dddddd");
    let page = press
        .file(&press.letters[0], "html")
        .with_extension("broken.html");
    std::fs::write(&page, broken).unwrap();
    browser.colour_scheme("light").await;
    browser.open(&format!("file://{}", page.display())).await;
    let faults = browser.ask(FAULTS).await.to_string();
    assert!(
        faults.contains("scrolls sideways") && faults.contains("contrast"),
        "{faults}"
    );
}

/// The pictures of the sample site in place of the addresses, which lead nowhere.
fn with_pictures(letter: &Letter) -> String {
    let folder = format!(
        "file://{}/static/sample/images/",
        env!("CARGO_MANIFEST_DIR")
    );
    letter
        .html
        .replace("https://marfa.example/pictures/", &folder)
}

/// What axe finds; a mail is no page, so the rules of landmarks do not hold (T17).
async fn complaints(browser: &Browser, axe: &str) -> Vec<Value> {
    browser.page.execute(axe, vec![]).await.unwrap();
    let run = "const done = arguments[arguments.length - 1];
        axe.run({ rules: { region: { enabled: false }, 'landmark-one-main': { enabled: false } } })
            .then(found => done(found.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html).join(' ')])))
            .catch(error => done([String(error)]))";
    match browser.page.execute_async(run, vec![]).await.unwrap() {
        Value::Array(found) => found,
        other => vec![other],
    }
}

/// Issue 6, point 5: a title in the other direction inside a sentence moves no punctuation. Told by where the letters stand: what
/// ends a title lies at the end of its line, in its own direction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t2_m17_punctuation_stays_where_it_was_written() {
    const ENDS: &str = r"
        const range = document.createRange();
        const rect = (node, at) => { range.setStart(node, at); range.setEnd(node, at + 1); return range.getBoundingClientRect(); };
        return [...document.querySelectorAll('h2 a span, h3 a span')].map(e => {
            const node = e.firstChild, text = node.textContent, last = rect(node, text.length - 1);
            const before = rect(node, text.length - 2), rtl = getComputedStyle(e).direction === 'rtl';
            const sameLine = Math.abs(last.top - before.top) < 2;
            const atEnd = rtl ? last.left <= before.left + 1 : last.right >= before.right - 1;
            return [text, getComputedStyle(e).direction, !sameLine || atEnd];
        });";
    let Some(browser) = Browser::start().await else {
        return;
    };
    let press = Press::run("").await;
    let (mut seen, mut others) = (0, 0);
    for letter in press
        .letters
        .iter()
        .filter(|letter| letter.name.ends_with("-many"))
    {
        for width in [375, 640] {
            browser.size(width, 800).await;
            browser
                .open(&format!("file://{}", press.file(letter, "html").display()))
                .await;
            let Value::Array(titles) = browser.ask(ENDS).await else {
                panic!("no titles");
            };
            for title in titles {
                let text = title[0].as_str().unwrap();
                let ends = text.ends_with([')', '!', '؟', '»', '…', '”', ':']);
                if ends {
                    seen += 1;
                    assert_eq!(
                        title[2],
                        json!(true),
                        "{}: the end of {title} stands elsewhere",
                        letter.name
                    );
                }
                let foreign = text.starts_with("The Guardian") || text.starts_with("«النهار»");
                if foreign {
                    others += 1;
                    let own = if letter.language == "en" {
                        "rtl"
                    } else {
                        "ltr"
                    };
                    assert_eq!(title[1], own, "{text}");
                }
            }
        }
    }
    assert!(seen >= 10, "{seen} titles that end with a mark");
    assert_eq!(others, 4, "titles of the other direction");
}
